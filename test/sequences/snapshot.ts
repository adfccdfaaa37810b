import type { ChunkRef } from '../../src/model/chunk.js'
import type { Digests } from '../../src/model/endpoint.js'
import type { BucketUid } from '../../src/model/ids.js'
import type { ObjectKey } from '../../src/model/key.js'
import type { Version } from '../../src/model/manifest.js'
import type { Named } from '../../src/model/name-space.js'
import type { BucketCounters, Change, VersionIndex } from '../../src/model/segment.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { type OpenIndex, START_MS } from '../contracts/index-under-test.js'
import { collected } from '../contracts/samples.js'
import { KEYS, REFS } from './samples.js'

export interface BucketSnapshot {
  /** Deletes too. */
  readonly heads: readonly VersionRef[]
  /** The heads of the beginning and of now, by the clock: key and time, since of two versions of one time either is told. */
  readonly past: readonly (readonly string[])[]
  readonly refs: ReadonlyMap<ObjectKey, readonly VersionRef[]>
  readonly versions: ReadonlyMap<ObjectKey, readonly Version[]>
  readonly counters: BucketCounters
  readonly digests: Digests
  /** Keys of the journal, one a change, sorted: in which order one call writes its keys is not promised. */
  readonly changed: readonly ObjectKey[]
}

/** What a segment tells of itself, without what is random in it. */
export interface Snapshot {
  readonly names: readonly Omit<Named, 'uid'>[]
  /** Chunks that are not here, whatever is under them. */
  readonly gone: readonly ChunkRef[]
  readonly buckets: ReadonlyMap<string, BucketSnapshot>
}

export async function snapshotOf(segment: OpenIndex, nowMs: number): Promise<Snapshot> {
  const names = segment.names.children('Hawaii/Cola')
  const buckets = new Map<string, BucketSnapshot>()
  for (const named of names) buckets.set(named.path, await bucketOf(segment, named, nowMs))
  return { names: names.map(({ uid: _, ...rest }) => rest), gone: segment.chunks.missing(REFS.map(alone)), buckets }
}

async function bucketOf({ versions: index }: OpenIndex, { uid }: Named, nowMs: number): Promise<BucketSnapshot> {
  const refs = new Map<ObjectKey, readonly VersionRef[]>()
  const versions = new Map<ObjectKey, readonly Version[]>()
  for (const key of KEYS) {
    refs.set(key, index.versions(uid, key))
    versions.set(key, await index.manifests(uid, refs.get(key) ?? []))
  }
  return {
    heads: await collected(index.list(uid, { deleted: true })),
    past: [await headsAt(index, uid, START_MS), await headsAt(index, uid, nowMs)],
    refs,
    versions,
    counters: index.counters(uid),
    digests: index.digests(uid),
    changed: (await changesOf(index, uid)).map(({ key }) => key).sort(),
  }
}

const headsAt = async (index: VersionIndex, uid: BucketUid, atMs: number): Promise<string[]> =>
  (await collected(index.list(uid, { atMs, deleted: true }))).map(({ key, held }) => `${key} ${held?.stamp.time}`)

/** All of the journal. @throws where it is not in order */
async function changesOf(index: VersionIndex, uid: BucketUid): Promise<Change[]> {
  const changes = index.changes(uid, { ...index.position(uid), sequence: 0 })
  if (changes === undefined) throw new Error('a position of its own means nothing to it')
  const all = await collected(changes)
  if (all.some(({ sequence }, i) => sequence <= (all[i - 1]?.sequence ?? 0))) throw new Error('changes out of order')
  return all
}

/** A chunk itself, without what is under it. */
export const alone = (ref: ChunkRef): ChunkRef => ({ ...ref, node: false })
