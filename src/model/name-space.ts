import type { BucketUid } from './ids.js'
import type { Settings } from './settings.js'

export type NameKind = 'cluster' | 'tenant' | 'bucket'

/** A cluster, tenant or bucket. Its uid is made once and never used again; its path is a label. */
export interface Named {
  readonly kind: NameKind
  readonly uid: BucketUid
  /** `Hawaii`, `Hawaii/Cola` or `Hawaii/Cola/bk1`. */
  readonly path: string
  readonly settings: Settings
  readonly createdMs: number
}

/** The table of names of one segment. Every change is durable when its promise settles. */
export interface NameSpace {
  find(path: string): Named | undefined
  /** The direct children of `path` (`''`: the clusters), in byte order of their paths. */
  children(path: string): Named[]
  /** @throws EXISTS; NOT_FOUND where the parent is missing. */
  create(path: string, settings: Settings): Promise<Named>
  /**
   * Changes the settings; `change` may be called more than once, and where it gives what it was given nothing is written.
   * @throws NOT_FOUND
   */
  set(path: string, change: (before: Settings) => Settings): Promise<Named>
  /** @throws NOT_FOUND; NOT_EMPTY where it has children or live objects. */
  drop(path: string): Promise<void>
}
