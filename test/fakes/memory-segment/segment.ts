import type { Clock } from '../../../src/base/clock.js'
import { type BucketUid, type SegmentGuid, segmentGuid } from '../../../src/model/ids.js'
import type { CollectReport, Segment } from '../../../src/model/segment.js'
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

  readonly #buckets = new Map<BucketUid, Bucket>()

  constructor(
    readonly clock: Clock,
    readonly guid: SegmentGuid = segmentGuid((++segments).toString(16).padStart(32, '0')),
  ) {
    const buckets = this.#buckets
    this.names = new MemoryNames(buckets, clock)
    this.versions = new MemoryVersions({ guid, clock, chunks: this.chunks, buckets })
  }

  /** What a collection does to versions; chunks stay. */
  retain(forgetBeforeMs?: number): Pick<CollectReport, 'pruned' | 'forgotten'> {
    const all = [...this.#buckets.values()]
    const pruned = all.flatMap((bucket) => [...bucket.keys.under('')].map(([key]) => bucket.prune(key)))
    const floor = Math.min(forgetBeforeMs ?? 0, this.clock.nowMs()) * 1000
    const forgotten = all.map((bucket) => bucket.forget(floor))
    return { pruned: sum(pruned), forgotten: sum(forgotten) }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
