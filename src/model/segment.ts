import type { Chunk, ChunkRef } from './chunk.js'
import type {
  Baseline,
  CallOptions,
  DigestCells,
  DigestKind,
  Digests,
  Done,
  Listing,
  ListOptions,
  PublishResult,
} from './endpoint.js'
import type { BucketUid, JournalId, SegmentGuid } from './ids.js'
import type { ObjectKey } from './key.js'
import type { Version } from './manifest.js'
import type { NameSpace } from './name-space.js'
import type { Position } from './position.js'
import type { VersionRef } from './version-ref.js'

/** Immutable chunks by id. What is put is durable once a publish or flush that came after has settled. */
export interface ChunkStore {
  /** Those that are not here: a leaf without bytes, a node without everything under it. */
  missing(refs: readonly ChunkRef[]): ChunkRef[]
  /** Verified, in the order asked. @throws NOT_FOUND, CORRUPT */
  get(refs: readonly ChunkRef[], options?: CallOptions): Promise<Chunk[]>
  /** Chunks that are here already are passed over. Settles when there is room for more. @throws DISK_FULL, IO */
  put(chunks: readonly Chunk[], options?: CallOptions): Promise<void>
  flush(): Promise<void>
}

export interface BucketCounters {
  /** Live objects; folders and deletes are not objects. */
  readonly objects: number
  readonly bytes: number
  readonly folders: number
  readonly versions: number
  readonly deleted: number
  readonly conflicts: number
}

export interface Change {
  readonly sequence: number
  readonly key: ObjectKey
}

export interface PublishAs {
  /** A version that does not descend from the head is written anew on top of it. */
  readonly overwrite: boolean
  /** What is no longer as `Done.there` says is superseded. */
  readonly ifUnchanged?: boolean
  readonly checkpoint?: { readonly name: string; readonly position: Position }
}

/** Which versions each key of a bucket has, and everything that is counted about them. */
export interface VersionIndex {
  head(bucket: BucketUid, key: ObjectKey): VersionRef | undefined
  /** All versions that are kept, latest stamp first. */
  versions(bucket: BucketUid, key: ObjectKey): VersionRef[]
  list(bucket: BucketUid, options: ListOptions): Listing
  /** In the order asked. @throws NOT_FOUND, CORRUPT */
  manifests(bucket: BucketUid, refs: readonly VersionRef[]): Promise<Version[]>
  /**
   * One result for each of `done`, in order, when all is durable. Versions that the bucket's settings no longer keep go with
   * the one that makes them too many; what exceeds its quota, or is older than deletes that were forgotten, is parked.
   * @throws NOT_FOUND (no such bucket), DISK_FULL, IO
   */
  publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]>
  /** Removes all versions of these keys for good, deletes too. Gives how many that were. @throws DISK_FULL, IO */
  expunge(bucket: BucketUid, keys: readonly ObjectKey[]): Promise<number>
  position(bucket: BucketUid): Position
  /** Changes after `since`, oldest first; undefined when that position means nothing here. */
  changes(bucket: BucketUid, since: Position): AsyncIterable<readonly Change[]> | undefined
  checkpoint(bucket: BucketUid, name: string): Position | undefined
  baseline(bucket: BucketUid, name: string): Baseline
  counters(bucket: BucketUid): BucketCounters
  digests(bucket: BucketUid): Digests
  digestCells(bucket: BucketUid, kind: DigestKind): DigestCells
}

export interface SegmentUse {
  readonly packs: number
  readonly packBytes: number
  readonly indexBytes: number
  readonly chunks: number
}

/** A damaged record, and what it harms. */
export interface Damage {
  readonly pack: string
  readonly offset: number
  readonly what: string
  /** `bucket path/key`, at most a few. */
  readonly harms: readonly string[]
}

export interface CheckReport {
  readonly packs: number
  readonly records: number
  readonly versions: number
  readonly bytesRead: number
  readonly damage: readonly Damage[]
}

/** One open home. */
export interface Segment {
  readonly home: string
  readonly guid: SegmentGuid
  readonly journal: JournalId
  readonly createdMs: number
  readonly names: NameSpace
  readonly chunks: ChunkStore
  readonly versions: VersionIndex
  use(): SegmentUse
  /** Index against packs; with `readData` every byte of every record too. Reports, repairs nothing. */
  check(options: { readonly readData: boolean } & CallOptions): Promise<CheckReport>
  /** Flushes what was put and closes. */
  close(): Promise<void>
}
