import { digestCellOf } from '../format/digest.js'
import { decodeNode } from '../format/node.js'
import type { Baseline } from '../model/baseline.js'
import { plainOf } from '../model/chunk.js'
import type { Digested, Endpoint, Fetcher, Listing, ListOptions, Parked, Sink } from '../model/endpoint.js'
import type { BucketUid, SegmentGuid } from '../model/ids.js'
import type { Named } from '../model/name-space.js'
import type { Segment } from '../model/segment.js'
import type { Storing } from '../model/settings.js'
import { listAt } from './list-at.js'
import { prefixedSink, prefixedSource } from './prefix.js'

export interface BucketEndpoint extends Endpoint {
  readonly source: Fetcher
  readonly sink: Sink
  /** What this bucket and the other side of a pair last agreed on. */
  baseline(peer: string): Baseline
}

/** What is read and written of a segment through an endpoint. */
export type SegmentData = Pick<Segment, 'guid' | 'chunks' | 'versions'>

/**
 * A bucket, or the part of it whose keys start with `prefix`, which is then left out of keys. Does not own `segment`. What a whole bucket takes
 * from `peer` is noted in that baseline as it is published.
 */
export function segmentEndpoint(
  segment: SegmentData,
  bucket: Named,
  prefix: string,
  storing: Storing,
  peer?: string,
): BucketEndpoint {
  const { versions, chunks } = segment
  const list = ({ atMs, ...options }: ListOptions, parked: (what: Parked) => void): Listing =>
    atMs === undefined ? versions.list(bucket.uid, options) : listAt(versions, bucket.uid, { ...options, atMs }, parked)
  const source: Fetcher = {
    kind: 'fetches',
    list,
    versions: (refs) => versions.manifests(bucket.uid, refs),
    fetch: (refs, options) => chunks.get(refs, options),
    entries: (node) => decodeNode(plainOf(node)).entries,
  }
  const nameOf = (of: string): string => `${prefix}\0${of}`
  const noted = peer !== undefined && prefix === '' && { baseline: nameOf(peer) }
  const sink: Sink = {
    plain: false,
    ...storing,
    list,
    missing: async (refs) => chunks.missing(refs),
    put: (put, _slices, options) => chunks.put(put, options),
    publish: async (done, { overwrite, signal }) => {
      signal?.throwIfAborted()
      return versions.publish(bucket.uid, done, { overwrite, ...noted })
    },
    finish: async () => [],
  }
  return {
    label: prefix === '' ? bucket.path : `${bucket.path}/${prefix}`,
    identity: segmentIdentity(segment.guid, bucket.uid, prefix),
    source: prefix === '' ? source : prefixedSource(source, prefix),
    sink: prefix === '' ? sink : prefixedSink(sink, prefix),
    ...(prefix === '' ? { digested: digestedBucket(segment, bucket) } : {}),
    baseline: (peer) => versions.baseline(bucket.uid, nameOf(peer)),
    close: async () => undefined,
  }
}

/** What a bucket, or a part of it, is called wherever it is seen from. */
export const segmentIdentity = (segment: SegmentGuid, bucket: BucketUid, prefix: string): string =>
  `segment:${segment}:${bucket}:${prefix}`

export function digestedBucket({ versions }: SegmentData, { uid }: Named): Digested {
  return {
    get objects() {
      return versions.counters(uid).objects
    },
    get bytes() {
      return versions.counters(uid).bytes
    },
    digest: (kind) => versions.digests(uid)[kind],
    cells: (kind) => versions.digestCells(uid, kind),
    cellOf: digestCellOf,
  }
}
