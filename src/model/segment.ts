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
import type { BucketUid, JournalId, SegmentGuid, VersionId } from './ids.js'
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
  readonly overwrite: boolean
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
  /** One result for each of `done`, in order, when all is durable. @throws NOT_FOUND (no such bucket), DISK_FULL, IO */
  publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]>
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

/** What a rebuild of the index came upon. */
export type Finding =
  | { readonly kind: 'damage'; readonly damage: Damage }
  | { readonly kind: 'lost'; readonly lost: Lost }
  /** Nothing is harmed by it. */
  | { readonly kind: 'note'; readonly text: string }

/** What was here once and cannot be brought back. */
export interface Lost {
  /** Of an object, or of a bucket or what is above one. */
  readonly path: string
  readonly version: VersionId | undefined
  readonly why: string
}

/** What an index that was made anew holds. */
export interface RebuildReport {
  readonly packs: number
  readonly records: number
  readonly buckets: number
  readonly versions: number
  readonly damaged: number
  readonly lost: number
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
