import type { ObjectKey } from './key.js'
import type { VersionRef } from './version-ref.js'

/** What an object was at some time, at a source that is no bucket of efs and keeps that. */
export interface State {
  /** As the source calls it. */
  readonly name: string
  /** Of kind `deleted` where the object was deleted. */
  readonly row: VersionRef
}

export interface History {
  readonly key: ObjectKey
  /** Oldest first; the last is how the object is now. Where there are more than LIMITS.statesMax, the oldest are left out. */
  readonly states: readonly State[]
}
