import type { Parked } from './endpoint.js'
import type { ObjectKey } from './key.js'
import type { VersionRef } from './version-ref.js'

/** One decision about one key. */
export type Step =
  | { readonly kind: 'copy'; readonly key: ObjectKey; readonly here: VersionRef; readonly there?: VersionRef }
  | { readonly kind: 'delete'; readonly key: ObjectKey; readonly there: VersionRef }
  | { readonly kind: 'keep'; readonly key: ObjectKey; readonly why: 'same' | 'extra' | 'deleted' }

export interface TransferPolicy {
  /** What the source lacks is deleted at the sink. */
  readonly deleteExtra: boolean
  /** Content is compared by reading, whatever the fingerprints say. */
  readonly checksum: boolean
}

/** When a run stops itself before it deletes. */
export interface Guard {
  /** At most this many deletes, or this share of the sink's objects; undefined: the default rule. */
  readonly maxDelete?: { readonly count: number } | { readonly percent: number }
  readonly force: boolean
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
