import { digestCellOf } from '../format/digest.js'
import { decodeNode } from '../format/node.js'
import { plainOf } from '../model/chunk.js'
import type {
  Baseline,
  Digested,
  Done,
  Endpoint,
  Fetcher,
  Listing,
  ListOptions,
  PublishResult,
  Sink,
} from '../model/endpoint.js'
import { compareKeys, keyFault, type ObjectKey, objectKey, ROOT_FOLDER } from '../model/key.js'
import type { Named } from '../model/name-space.js'
import type { Segment } from '../model/segment.js'
import type { Storing } from '../model/settings.js'
import type { VersionRef } from '../model/version-ref.js'

export interface BucketEndpoint extends Endpoint {
  readonly source: Fetcher
  readonly sink: Sink
  /** What this bucket and the other side of a pair last agreed on. */
  baseline(peer: string): Baseline
}

/** What is read and written of a segment through an endpoint. */
export type SegmentData = Pick<Segment, 'guid' | 'chunks' | 'versions'>

/** A bucket, or the part of it whose keys start with `prefix`, which is then left out of keys. Does not own `segment`. */
export function segmentEndpoint(segment: SegmentData, bucket: Named, prefix: string, storing: Storing): BucketEndpoint {
  const { versions, chunks } = segment
  const inside = (key: ObjectKey): ObjectKey =>
    prefix === '' ? key : objectKey(prefix + (key === ROOT_FOLDER ? '' : key))
  const list = (options: ListOptions): Listing => {
    const all = prefix + (options.prefix ?? '')
    const after = options.after === undefined ? {} : { after: inside(options.after) }
    const listing = versions.list(bucket.uid, { ...options, ...after, prefix: all })
    return prefix === '' ? listing : stripped(listing, prefix)
  }
  const full = (ref: VersionRef): VersionRef => ({ ...ref, key: inside(ref.key) })
  const source: Fetcher = {
    kind: 'fetches',
    list,
    versions: (refs) => versions.manifests(bucket.uid, prefix === '' ? refs : refs.map(full)),
    fetch: (refs, options) => chunks.get(refs, options),
    entries: (node) => decodeNode(plainOf(node)).entries,
  }
  const sink: Sink = {
    plain: false,
    ...storing,
    list,
    missing: async (refs) => chunks.missing(refs),
    put: (put, _slices, options) => chunks.put(put, options),
    publish: async (done, { overwrite }) => {
      if (prefix === '') return versions.publish(bucket.uid, done, { overwrite })
      const faults = done.map(({ key }) => keyFault(prefix + key))
      const fit = done.filter((_, i) => faults[i] === undefined)
      const here = fit.map((one): Done => ({ ...one, key: inside(one.key) }))
      const results = (await versions.publish(bucket.uid, here, { overwrite })).values()
      return faults.map((fault): PublishResult => {
        if (fault !== undefined) return { status: 'parked', why: `with ${prefix} before it, ${fault}` }
        const { value } = results.next()
        if (value === undefined) throw new Error('fewer results than objects')
        return value
      })
    },
    finish: async () => [],
  }
  return {
    label: prefix === '' ? bucket.path : `${bucket.path}/${prefix}`,
    identity: `segment:${segment.guid}:${bucket.uid}:${prefix}`,
    source,
    sink,
    ...(prefix === '' ? { digested: digestedBucket(segment, bucket) } : {}),
    baseline: (peer) => versions.baseline(bucket.uid, `${prefix}\0${peer}`),
    close: async () => undefined,
  }
}

/** Keys from the prefix on. The prefix's own folder is the root then, and comes where the root's key belongs. */
async function* stripped(listing: Listing, prefix: string): Listing {
  let root: VersionRef | undefined
  for await (const page of listing) {
    const inner: VersionRef[] = []
    for (const ref of page) {
      if (ref.key.length === prefix.length) {
        root = { ...ref, key: ROOT_FOLDER }
        continue
      }
      const key = objectKey(ref.key.slice(prefix.length))
      if (root !== undefined && compareKeys(key, ROOT_FOLDER) > 0) {
        inner.push(root)
        root = undefined
      }
      inner.push({ ...ref, key })
    }
    if (inner.length > 0) yield inner
  }
  if (root !== undefined) yield [root]
}

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
