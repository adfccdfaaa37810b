import type { Parked } from './endpoint.js'
import type { VersionId } from './ids.js'
import type { ObjectKey } from './key.js'
import type { TreeRoot } from './manifest.js'
import type { VersionRef } from './version-ref.js'

/** One decision about one key. `conflict` says why what goes is no earlier state of what comes. */
export type Step =
  | (Based & {
      readonly kind: 'copy'
      readonly here: VersionRef
      readonly there?: VersionRef
      /** As in `Wanted`. */
      readonly thereRoot?: TreeRoot
      readonly conflict?: string
    })
  | (Based & { readonly kind: 'delete'; readonly there: VersionRef; readonly conflict?: string })
  | { readonly kind: 'keep'; readonly key: ObjectKey; readonly why: 'same' | 'extra' | 'deleted' }

interface Based {
  readonly key: ObjectKey
  /** What the source's state follows upon, where that may not be what the sink has now. */
  readonly parents?: readonly VersionId[]
}

export interface TransferPolicy {
  /** What the source lacks is deleted at the sink. */
  readonly deleteExtra: boolean
  /** Content is compared by reading, whatever the fingerprints say. */
  readonly checksum: boolean
  /**
   * Both sides may change: only what is new at the source since the baseline is brought, and deleted is only what both had. What is new
   * at both is taken in by a bucket as a conflict, and left alone by a plain sink, which the other way round is a source.
   */
  readonly newsOnly?: boolean
}

/** When a run stops itself before it deletes. */
export interface Guard {
  /** At most this many deletes, or this share of the sink's objects; undefined: the default rule. */
  readonly maxDelete?: { readonly count: number } | { readonly percent: number }
  readonly force: boolean
  /** How many objects the sink has as a whole, where the run is over a part of it. */
  readonly ofObjects?: number
  /** What comes under another name makes up for what goes: a tree that was moved is not deleted. */
  readonly net?: boolean
  /** Why nothing is deleted at all: what the source lacks is not what it once had. Completes "… and 3 objects would be deleted". */
  readonly nothing?: string | undefined
  /** What to do about it; of the command `sync` unless told. */
  readonly hint?: string
}

/** What became of one object. */
export interface Settled {
  readonly key: ObjectKey
  readonly status: 'published' | 'known' | 'deleted' | 'parked'
  /** Plain bytes of the object. */
  readonly bytes: number
  readonly why?: string
}

export interface TransferReport {
  readonly parked: readonly Parked[]
}
