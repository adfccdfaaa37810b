import type { AdoptAs, Adopted } from './adopting.js'
import type { Baseline } from './baseline.js'
import type { Brought } from './brought.js'
import type { Chunk, ChunkRef } from './chunk.js'
import type { Documents } from './documents.js'
import type {
  CallOptions,
  DigestCells,
  DigestKind,
  Digests,
  Done,
  FetchOptions,
  Listing,
  ListOptions,
  PublishResult,
} from './endpoint.js'
import type { BucketUid, JournalId, SegmentGuid, VersionId } from './ids.js'
import type { ObjectKey } from './key.js'
import type { Checkpoint, CheckpointMove, Retry, Vouched } from './live.js'
import type { Version } from './manifest.js'
import type { NameSpace } from './name-space.js'
import type { Position } from './position.js'
import type { BucketUsage, SegmentUse } from './usage.js'
import type { VersionRef } from './version-ref.js'

/** Immutable chunks by id. What is put is durable once a publish or flush that came after has settled. */
export interface ChunkStore {
  /** Those that are not here: a leaf without bytes, a node without everything under it. */
  missing(refs: readonly ChunkRef[]): ChunkRef[]
  /** Verified, in the order asked. @throws NOT_FOUND, CORRUPT */
  get(refs: readonly ChunkRef[], options?: FetchOptions): Promise<Chunk[]>
  /** Chunks that are here already are passed over. Settles when there is room for more; their bytes are the caller's again. @throws DISK_FULL, IO */
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
  readonly id: VersionId
  /** The peer that brought it. */
  readonly by?: SegmentGuid
}

export interface PublishAs extends Vouched {
  /** A version that does not descend from the head is written anew on top of it. */
  readonly overwrite: boolean
  /** What is no longer as `Done.there` says is superseded. */
  readonly ifUnchanged?: boolean
  /** The peer that brings it. */
  readonly by?: SegmentGuid
  /** What the head descends from is kept as an older version, if the bucket keeps so many; else it is superseded. */
  readonly keepOlder?: boolean
  /** Of whom it comes from, by name: the versions are noted there in the transaction that publishes them, with `Done.seen`. */
  readonly baseline?: string
  /** Written with the last of `done`: the list of retries, and the checkpoint where nothing needs chunks. */
  readonly move?: CheckpointMove
  /** Content of these keys descends from all of these tips, also where the head has it already. It is superseded where the key's tips are others by now. */
  readonly resolves?: ReadonlyMap<ObjectKey, readonly VersionId[]>
}

/** Which versions each key of a bucket has, and everything that is counted about them. */
export interface VersionIndex {
  head(bucket: BucketUid, key: ObjectKey): VersionRef | undefined
  /** All versions that are kept, latest stamp first. */
  versions(bucket: BucketUid, key: ObjectKey): VersionRef[]
  /** Those that no other one descends from, latest stamp first; more than one is a conflict. */
  tips(bucket: BucketUid, key: ObjectKey): VersionRef[]
  /** Whether that very version is here. */
  holds(bucket: BucketUid, ref: VersionRef): boolean
  /** `unkept` is told, with `atMs`, of each key of which all versions that are kept are later, by the earliest of them; before the page that follows it. */
  list(bucket: BucketUid, options: ListOptions & { readonly unkept?: (earliest: VersionRef) => void }): Listing
  /** In the order asked. @throws NOT_FOUND, CORRUPT */
  manifests(bucket: BucketUid, refs: readonly VersionRef[]): Promise<Version[]>
  /**
   * One result for each of `done`, in order, when all is durable. Versions that the bucket's settings no longer keep go with the one that makes them
   * too many; what exceeds its quota, or is older than deletes that were forgotten, is parked. @throws NOT_FOUND (no such bucket), DISK_FULL, IO
   */
  publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]>
  /** Removes all versions of these keys for good, deletes too. Gives how many that were. @throws DISK_FULL, IO */
  expunge(bucket: BucketUid, keys: readonly ObjectKey[]): Promise<number>
  position(bucket: BucketUid): Position
  /** Changes after `since`, oldest first; undefined when that position means nothing here. */
  changes(bucket: BucketUid, since: Position): AsyncIterable<readonly Change[]> | undefined
  checkpoint(bucket: BucketUid, name: string): Checkpoint | undefined
  /** Beside that checkpoint, in key order, at most LIMITS.parcelObjectsMax after `after`. */
  retries(bucket: BucketUid, name: string, after?: ObjectKey): Retry[]
  baseline(bucket: BucketUid, name: string): Baseline
  counters(bucket: BucketUid): BucketCounters
  digests(bucket: BucketUid): Digests
  digestCells(bucket: BucketUid, kind: DigestKind): DigestCells
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

/** Chunks, and the bytes of their records. */
export interface Tally {
  readonly chunks: number
  readonly bytes: number
}

export interface CollectOptions extends CallOptions {
  /** Only says what a collection would do. */
  readonly dryRun: boolean
  /** Deletes with an earlier stamp are forgotten; milliseconds since 1970. */
  readonly forgetBeforeMs?: number
  /** Share of all bytes in packs, 0 to 1, that may stay dead: packs are written anew, the deadest first, until less is. */
  readonly deadShareMax: number
  /** A pack that needs more than that beside it while it is written anew stays as it is. */
  readonly extraBytesMax?: number
  /** Settles when so many bytes may be written. */
  readonly pace: (bytes: number, signal: AbortSignal) => Promise<void>
}

/** Something that a collection left where it is. */
export interface LeftBehind {
  readonly bytes: number
  /** Completes "… bytes are kept: ". */
  readonly why: string
}

/** With `dryRun`: what would come of it. */
export interface CollectReport {
  /** Objects that got a delete version because their time had come. */
  readonly expired: number
  /** Versions beyond number-of-versions. */
  readonly pruned: number
  /** Keys whose delete was forgotten, with all their versions. */
  readonly forgotten: number
  readonly live: Tally
  readonly pardoned: Tally
  readonly condemned: Tally
  readonly deleted: Tally
  /** Needed by nothing, and put since the oldest process that still writes began to. */
  readonly young: Tally
  readonly packs: {
    readonly before: number
    readonly after: number
    /** Those that were written anew or had nothing left in them. */
    readonly rewritten: number
  }
  /** Bytes that packs have less than before. */
  readonly freedBytes: number
  readonly kept: readonly LeftBehind[]
}

/**
 * One open home. It reads what it has written at once; and what others have written, in this process too, from the next turn
 * of the event loop that begins a millisecond after.
 */
export interface Segment {
  readonly home: string
  readonly guid: SegmentGuid
  /** Whether the home was copied, moved or restored, and nobody has said yet which; until then no peer may be talked to. */
  readonly unadopted: boolean
  readonly journal: JournalId
  readonly createdMs: number
  readonly names: NameSpace
  readonly chunks: ChunkStore
  readonly versions: VersionIndex
  /** The definitions of services, by their names. */
  readonly services: Documents
  /** Which process does what only one may do, by what that is. */
  readonly running: Documents
  /** What is known of other segments, each by its GUID; and under `given`, what was given out to them. */
  readonly peers: Documents
  /** What runs have changed its buckets. */
  readonly runs: Documents
  /** One process, which lets peers in, notes. */
  broughtTo(tenant: BucketUid): Brought
  use(): SegmentUse
  /** Takes as long as the bucket has chunks. @throws CORRUPT, IO */
  usageOf(bucket: BucketUid, options?: CallOptions): Promise<BucketUsage>
  /** Index against packs; with `readData` every byte of every record too. Reports, repairs nothing. */
  check(options: { readonly readData: boolean } & CallOptions): Promise<CheckReport>
  /** What of `check` takes no longer for more data: packs that are missing or too short, or not what they are to be from their first bytes on. */
  glance(): Promise<Damage[]>
  /**
   * Deletes what nothing needs, in two runs: what one condemns and nothing has asked for until then, the next one deletes.
   * Others may read and write meanwhile.
   * @throws CONFLICT where another process collects; CORRUPT where what is live cannot be told; DISK_FULL, IO
   */
  collect(options: CollectOptions): Promise<CollectReport>
  /**
   * With `copied` it is a segment of its own from then on, whether that was asked for or not. Close it then, and open it again:
   * what is still to be written in the name of before is refused (CONFLICT), here and in other processes.
   */
  adopt(as: AdoptAs): Promise<Adopted>
  /**
   * Calls `listener` soon after each commit, this process's own too; several may be one call. Nothing is kept alive by it, and
   * closing the segment ends it. The function that is returned ends it earlier. @throws IO where the system cannot watch more
   */
  onRing(listener: () => void): () => void
  /** Flushes what was put and closes. */
  close(): Promise<void>
}
