import type { CallOptions } from './endpoint.js'
import type { ContentHash, VersionId } from './ids.js'
import type { ObjectKey } from './key.js'
import type { TreeRoot } from './manifest.js'
import type { Fingerprint } from './version-ref.js'

/** What both sides of a pair last agreed on: the version at the segment, the fingerprint at the other side. */
export interface BaselineRow {
  readonly key: ObjectKey
  readonly id: VersionId
  readonly seen: Fingerprint
  /** Of the version's tree, where what stands at the other side may be of use for what comes in its place. */
  readonly root?: TreeRoot
}

/** A version that was about to be written at the other side, and perhaps was. */
export interface GivenRow {
  readonly key: ObjectKey
  readonly id: VersionId
  readonly contentHash: ContentHash
}

export interface Baseline {
  /** In key order, a page at a time; with `prefix` only keys that start so. */
  scan(options?: CallOptions & { readonly prefix?: string }): AsyncIterable<readonly BaselineRow[]>
  /** In the order asked, those that there are. */
  get(keys: readonly ObjectKey[]): Promise<BaselineRow[]>
  /**
   * Writes rows, and removes those of `gone`; what was given under these keys is settled by that, but for those whose fingerprint proves
   * nothing yet, and their past is forgotten. Losing a write costs reading a file again, nothing else.
   */
  put(rows: readonly BaselineRow[], gone: readonly ObjectKey[]): Promise<void>
  /** The folders of the other side at which another file system was mounted when it was gone through. */
  mounts(): Promise<ObjectKey[]>
  putMounts(mounted: readonly ObjectKey[], gone: readonly ObjectKey[]): Promise<void>
  /** What was given and is not settled, in key order. */
  given(): Promise<GivenRow[]>
  /** Durable when it settles. */
  putGiven(rows: readonly GivenRow[], gone: readonly ObjectKey[]): Promise<void>
  /** As `get`, of what `putPast` noted since `put` last told of the key. */
  past(keys: readonly ObjectKey[]): Promise<BaselineRow[]>
  /**
   * What was last agreed on of objects of which there is no row: they are deleted by now, or what they were is on its way. Durable when it
   * settles.
   */
  putPast(rows: readonly BaselineRow[]): Promise<void>
}
