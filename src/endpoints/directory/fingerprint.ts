import type { BigIntStats } from 'node:fs'
import type { Attributes, KindName } from '../../model/manifest.js'
import type { Fingerprint } from '../../model/version-ref.js'

/** What of a file system can be kept; undefined for a fifo, a socket or a device. */
export function kindOf(what: Pick<BigIntStats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): KindName | undefined {
  if (what.isFile()) return 'file'
  if (what.isDirectory()) return 'folder'
  return what.isSymbolicLink() ? 'link' : undefined
}

/** A time is kept as an i64 of nanoseconds, which ends in 2262: what a file system knows beyond that is the last one there is. */
const TIME_NS_MAX = 2n ** 63n - 1n
const keptNs = (ns: bigint): bigint => (ns > TIME_NS_MAX ? TIME_NS_MAX : ns < -TIME_NS_MAX ? -TIME_NS_MAX : ns)

/** A folder has no size of its own. */
export const fingerprintOf = (stat: BigIntStats, takenMs: number): Fingerprint => ({
  size: stat.isDirectory() ? 0 : Number(stat.size),
  mtimeNs: keptNs(stat.mtimeNs),
  ctimeNs: stat.ctimeNs,
  inode: stat.ino,
  takenMs,
})

/** Mode and time. A link's mode means nothing. */
export function attributesOf(stat: BigIntStats): Attributes {
  const mtimeNs = keptNs(stat.mtimeNs)
  return stat.isSymbolicLink() ? { mtimeNs } : { mode: Number(stat.mode & 0o7777n), mtimeNs }
}

/** Whether `now` is another file, or another state of it, than `then`. */
export const differs = (now: Fingerprint, then: Fingerprint): boolean =>
  now.ctimeNs !== then.ctimeNs || now.mtimeNs !== then.mtimeNs || now.size !== then.size || now.inode !== then.inode
