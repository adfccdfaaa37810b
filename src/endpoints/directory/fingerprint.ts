import type { BigIntStats } from 'node:fs'
import type { Attributes, KindName } from '../../model/manifest.js'
import type { Fingerprint } from '../../model/version-ref.js'

/** What of a file system can be kept; undefined for a fifo, a socket or a device. */
export function kindOf(what: Pick<BigIntStats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): KindName | undefined {
  if (what.isFile()) return 'file'
  if (what.isDirectory()) return 'folder'
  return what.isSymbolicLink() ? 'link' : undefined
}

/** A folder has no size of its own. */
export const fingerprintOf = (stat: BigIntStats, takenMs: number): Fingerprint => ({
  size: stat.isDirectory() ? 0 : Number(stat.size),
  mtimeNs: stat.mtimeNs,
  ctimeNs: stat.ctimeNs,
  inode: stat.ino,
  takenMs,
})

/** Mode and time. A link's mode means nothing. */
export const attributesOf = (stat: BigIntStats): Attributes =>
  stat.isSymbolicLink() ? { mtimeNs: stat.mtimeNs } : { mode: Number(stat.mode & 0o7777n), mtimeNs: stat.mtimeNs }

/** Whether `now` is another file, or another state of it, than `then`. */
export const differs = (now: Fingerprint, then: Fingerprint): boolean =>
  now.ctimeNs !== then.ctimeNs || now.mtimeNs !== then.mtimeNs || now.size !== then.size || now.inode !== then.inode
