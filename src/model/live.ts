import type { CallOptions, Digested, Done, Fetcher, Parked, PublishResult, Sink } from './endpoint.js'
import type { BucketUid, SegmentGuid } from './ids.js'
import type { ObjectKey } from './key.js'
import { isSamePosition, type Position } from './position.js'
import type { VersionRef } from './version-ref.js'

/** How far a sink has taken in a source. */
export interface Checkpoint {
  /** Everything up to here is at the sink, or in its list of retries; where a full pass is due, once that is over. */
  readonly position: Position
  /** The last key that the full pass which is due, or under way, is done with, `''` before the first; absent where none is. */
  readonly pass?: string
}

export const isSameCheckpoint = (a: Checkpoint | undefined, b: Checkpoint | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.pass === b.pass && isSamePosition(a.position, b.position)

/** An object that could not be brought over and is tried again; kept at the sink, beside the checkpoint. */
export interface Retry {
  readonly key: ObjectKey
  readonly why: string
  readonly tries: number
  /** Milliseconds since 1970. */
  readonly firstMs: number
  readonly nextMs: number
}

/** Rides with a publish: in one transaction, or not at all. */
export interface CheckpointMove {
  /** Keyed by peer, both buckets and direction. */
  readonly name: string
  /** What was read or written last. Where something else stands by now, it stays: another process keeps this link. */
  readonly from: Checkpoint | undefined
  readonly to: Checkpoint
  /** What the source could not give. It goes on the list of retries, as what the sink itself parks does. */
  readonly parked: readonly Parked[]
  /** Of what nothing waits any more, as the source has nothing of it, or all was tried again: it comes off that list. */
  readonly gone?: readonly ObjectKey[]
}

export interface ChangePage {
  /** Versions that are still there, oldest change first; none that `without` brought. */
  readonly refs: readonly VersionRef[]
  /** After the last row that was looked at, also where that one is left out. */
  readonly upTo: Position
  readonly more: boolean
}

export interface ChangesOptions extends CallOptions {
  /** What came from this segment is not given back to it. */
  readonly without: SegmentGuid
}

/** Versions of a bucket in the order in which they came to it. */
export interface Feed {
  position(options?: CallOptions): Promise<Position>
  /** The next page after `since`, at once, also where it is empty; undefined where that position means nothing here (any more). */
  changes(since: Position, options: ChangesOptions): Promise<ChangePage | undefined>
  /** All tips of these keys, at most LIMITS.parcelObjectsMax keys. */
  tips(keys: readonly ObjectKey[], options?: CallOptions): Promise<VersionRef[]>
}

export interface LiveSource extends Fetcher, Feed {}

export interface TakeOptions extends CallOptions {
  /** Who brings it. */
  readonly by: SegmentGuid
  readonly move?: CheckpointMove
}

/** A sink that takes versions as they are, and remembers how far it has taken in each source. */
export interface LiveSink extends Sink {
  /** Those of these versions that are not here; at most LIMITS.parcelObjectsMax. */
  lacking(refs: readonly VersionRef[], options?: CallOptions): Promise<VersionRef[]>
  checkpoint(name: string, options?: CallOptions): Promise<Checkpoint | undefined>
  /** In key order, at most LIMITS.parcelObjectsMax after `after`. */
  retries(name: string, after?: ObjectKey, options?: CallOptions): Promise<Retry[]>
  /**
   * As `publish`, for versions that keep their ids: one that others descend from is kept as an older one where the bucket keeps so many,
   * and two that descend from neither are both kept. `done` may be empty: then only the checkpoint moves. It does not move where a
   * result is `needs`; what is parked goes on the list of retries in any case, and what is not comes off it.
   */
  take(done: readonly Done[], options: TakeOptions): Promise<PublishResult[]>
}

/** How the names begin under which a sink keeps how far it is with the sources of that segment. */
export const checkpointsOf = (segment: SegmentGuid): string => `live:${segment}:`

/** One bucket of one side, as live replication sees it. */
export interface LiveBucket {
  /** As people name it. */
  readonly label: string
  readonly segment: SegmentGuid
  readonly uid: BucketUid
  readonly source: LiveSource
  readonly sink: LiveSink
  readonly digested: Digested
}

export interface Vouched {
  /** All under each root was there when it was published: only the root is looked for, which may be lost by now. */
  readonly vouched?: boolean
}
