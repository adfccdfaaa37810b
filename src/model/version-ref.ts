import { hashBytes } from '../base/hash.js'
import type { ContentHash, VersionId } from './ids.js'
import type { ObjectKey } from './key.js'
import type { KindName, Stamp, TreeRoot } from './manifest.js'

/**
 * What a file system or an S3 server says of a file without reading it; `untouched` compares two. An object of S3 has no
 * ctime: 0. Its mtime is when the server wrote it, in whole seconds, its inode the first 8 bytes of its ETag's BLAKE3.
 */
export interface Fingerprint {
  readonly size: number
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly inode: bigint
  /** When it was taken. A file changed within that same tick proves nothing (git's racy rule). */
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
  readonly root: TreeRoot | undefined
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
  /** Why its content cannot be read whole any more, where a listing tells that. */
  readonly harmed?: string
}

/**
 * Of an object in S3. Who wrote it is told its ETag but not its time: then `modifiedMs` is any time by the server's clock
 * that is not earlier.
 */
export const objectPrint = (etag: string, size: number, modifiedMs: number, takenMs: number): Fingerprint => ({
  size,
  mtimeNs: BigInt(Math.floor(modifiedMs / 1000)) * 1_000_000_000n,
  ctimeNs: NO_CTIME,
  inode: hashBytes(Buffer.from(etag)).readBigUInt64BE(0),
  takenMs,
})

const NO_CTIME = 0n

/** Whether it tells of an object in S3, whose kind and attributes only reading tells. */
export const isObjectPrint = (print: Fingerprint | undefined): boolean => print?.ctimeNs === NO_CTIME

/** Whether nothing can have changed since `then` was taken. */
export const untouched = (now: Fingerprint, then: Fingerprint): boolean => looksSame(now, then) && isProof(then)

/** Whether what looks the same later is the same. */
export const isProof = (seen: Fingerprint): boolean => isObjectPrint(seen) || !isRacy(seen)

/** As `untouched`, but a change within the second in which `then` was taken may not show. */
export function looksSame(now: Fingerprint, then: Fingerprint): boolean {
  if (now.inode !== then.inode || now.size !== then.size || now.ctimeNs !== then.ctimeNs) return false
  // Whatever is done to an object makes it later.
  return isObjectPrint(then) ? now.mtimeNs <= then.mtimeNs : now.mtimeNs === then.mtimeNs
}

/**
 * Whether the file may have changed again after it was looked at, without its times showing it: only where its content is
 * as young as the look itself, by the ticks of the file system: a second at most, or two (FAT), where times are even seconds. A write
 * moves both times to the same. Of two that differ one was set: an mtime in the future by who copied the file, a ctime by new
 * rights or another name.
 */
function isRacy({ mtimeNs, ctimeNs, takenMs }: Fingerprint): boolean {
  const tickNs = mtimeNs % COARSE_NS === 0n ? COARSE_NS : SECOND_NS
  const taken = BigInt(Math.floor(takenMs / 1000)) * SECOND_NS
  const tick = taken - (taken % tickNs)
  return mtimeNs >= tick && ctimeNs >= tick && mtimeNs < ctimeNs + SECOND_NS
}

const SECOND_NS = 1_000_000_000n
const COARSE_NS = 2n * SECOND_NS
