import type { ContentHash, VersionId } from './ids.js'
import type { ObjectKey } from './key.js'
import type { KindName, Root, Stamp } from './manifest.js'

/** What a file system says of a file without reading it. Equal fingerprints mean: not touched since. */
export interface Fingerprint {
  readonly size: number
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly inode: bigint
  /** When it was taken. A file changed within that same second proves nothing (git's racy rule). */
  readonly takenMs: number
}

/** What an index knows of a version without touching a pack. */
export interface Held {
  readonly id: VersionId
  readonly stamp: Stamp
  readonly contentHash: ContentHash
  /** BLAKE3 of mode, mtime and extended attributes: equal where those are. */
  readonly attributesHash: string
  /** Undefined where the content is inline in the manifest. */
  readonly root: Exclude<Root, { inline: Uint8Array }> | undefined
  /** How many tips the key has; more than one is a conflict. */
  readonly tips: number
}

/** One row of a listing: what a key holds at one side. */
export interface VersionRef {
  readonly key: ObjectKey
  readonly kind: KindName
  readonly size: number
  readonly mode?: number
  readonly mtimeNs?: bigint
  /** Present where an index tells it: segments, links. */
  readonly held?: Held
  /** Present where a file system tells it: directories. */
  readonly seen?: Fingerprint
}

/** Whether nothing can have changed since `then` was taken. */
export function untouched(now: Fingerprint, then: Fingerprint): boolean {
  return (
    now.ctimeNs === then.ctimeNs &&
    now.mtimeNs === then.mtimeNs &&
    now.size === then.size &&
    now.inode === then.inode &&
    !isRacy(then)
  )
}

/**
 * Whether the file may have changed again after it was looked at, without its times showing it: only where its content is
 * as young as the look itself. A write to an older file moves its mtime, whatever the granularity of the clock.
 */
export function isRacy(print: Fingerprint): boolean {
  return print.mtimeNs >= BigInt(Math.floor(print.takenMs / 1000)) * 1_000_000_000n
}
