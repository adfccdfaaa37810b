import type { Clock } from '../../../src/base/clock.js'
import { type BucketUid, type SegmentGuid, segmentGuid } from '../../../src/model/ids.js'
import type { Segment } from '../../../src/model/segment.js'
import type { Bucket } from './bucket.js'
import { MemoryChunks } from './chunks.js'
import { MemoryNames } from './names.js'
import { MemoryVersions } from './versions.js'

let segments = 0

/** The second pair of `ChunkStore` and `VersionIndex`: what a segment keeps, with nothing on a disk. */
export class MemorySegment implements Pick<Segment, 'guid' | 'names' | 'chunks' | 'versions' | 'close'> {
  readonly chunks = new MemoryChunks()
  readonly names: MemoryNames
  readonly versions: MemoryVersions

  constructor(
    clock: Clock,
    readonly guid: SegmentGuid = segmentGuid((++segments).toString(16).padStart(32, '0')),
  ) {
    const buckets = new Map<BucketUid, Bucket>()
    this.names = new MemoryNames(buckets, clock, guid)
    this.versions = new MemoryVersions({ guid, clock, chunks: this.chunks, buckets })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
