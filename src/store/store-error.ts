import { existsSync, statfsSync } from 'node:fs'
import { EfsError, systemCode } from '../base/errors.js'
import { REPAIR } from '../format/damaged-row.js'

/** LMDB reports system errors by number and its own by negative number; Node has no name for EDQUOT either. */
const BY_NUMBER = new Map<unknown, string>([
  [28, 'ENOSPC'],
  [122, 'EDQUOT'],
  [-30792, 'ENOSPC'],
  [5, 'EIO'],
  [-30795, 'EIO'],
  [1, 'EPERM'],
  [13, 'EACCES'],
  [23, 'ENFILE'],
  [24, 'EMFILE'],
  [30, 'EROFS'],
  [2, 'ENOENT'],
])

/**
 * What LMDB says of pages that are not what it wrote: MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_INVALID, MDB_CURSOR_FULL, MDB_PAGE_FULL and
 * MDB_PROBLEM; and MDB_BAD_TXN, of all that is asked after one of them.
 */
const OF_DAMAGE: ReadonlySet<unknown> = new Set([-30797, -30796, -30793, -30787, -30786, -30779, -30782])

/** LMDB calls a write that was cut short an I/O error; with less room than this it was for lack of it. */
const FULL_BELOW_BYTES = 1024 * 1024

/** What a chunk or version may make the index grow by, with its part of the pages that are written anew. */
const ROW_ROOM_BYTES = 2048

/** What the disk or LMDB said, in words. What is in words already passes through. */
export function storeError(error: unknown, home: string): unknown {
  if (!(error instanceof Error) || error instanceof EfsError) return error
  if (isOfDamage(error)) return isFull(home) ? diskFull(home, error) : damagedIndex(home, error)
  const code = codeOf(error)
  switch (code === 'EIO' && isFull(home) ? 'ENOSPC' : code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(home, error)
    case 'EMFILE':
    case 'ENFILE':
      return new EfsError('IO', `too many files are open to read or write ${home}`, {
        hint: 'close some, or allow more with `ulimit -n`, then run the same command again: it goes on from there',
        cause: error,
      })
    case 'EROFS':
      return new EfsError('REFUSED', `the disk that holds ${home} is read-only`, {
        hint: 'mount it for writing, then run the same command again: it goes on from there',
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
      return noPermission(home, error)
    default:
      return new EfsError('IO', `reading or writing ${home} failed: ${wordsOf(error)}`, {
        hint: 'look at the disk, then run the same command again: it goes on from there',
        cause: error,
      })
  }
}

/** Of a file that is there the file is named: another user may have written that one alone. */
function noPermission(home: string, cause: Error): EfsError {
  const file = 'path' in cause && typeof cause.path === 'string' && existsSync(cause.path) ? cause.path : home
  const words = file === home ? `no permission to write in ${home}` : `no permission for ${file}`
  const hint = `look at the owner and mode of that ${file === home ? 'folder' : 'file'}, or use another user`
  return new EfsError('REFUSED', words, { hint, cause })
}

/** LMDB adds what it knows of its buffers, and after one failure of its last write it only says that there was one. */
const wordsOf = ({ message }: Error): string =>
  message.includes('MDB_PANIC')
    ? 'the index takes no more, since a write to it failed'
    : (/^[^\n]+?(?=\n|: Attempting|$)/.exec(message)?.[0] ?? '')

const isOfDamage = (error: Error): boolean => 'code' in error && OF_DAMAGE.has(error.code)

export const damagedIndex = (home: string, cause?: unknown): EfsError =>
  new EfsError('CORRUPT', `the index of the segment in ${home} is damaged`, { hint: REPAIR, cause })

const diskFull = (home: string, cause?: unknown): EfsError =>
  new EfsError('DISK_FULL', `the disk that holds ${home} is full`, {
    hint: 'free some space, then run the same command again: it goes on from there',
    cause,
  })

const freeBytes = (home: string): number => {
  const { bavail, bsize } = statfsSync(home)
  return bavail * bsize
}

/** A disk that does not even tell is not known to be full. */
function isFull(home: string): boolean {
  try {
    return freeBytes(home) < FULL_BELOW_BYTES
  } catch {
    return false
  }
}

/**
 * LMDB tells of a full disk on stderr, in words of its own, before it fails; so it is asked for room first.
 * @throws DISK_FULL
 */
export function assertRoomForRows(home: string, rows: number): void {
  if (freeBytes(home) < FULL_BELOW_BYTES + rows * ROW_ROOM_BYTES) throw diskFull(home)
}

function codeOf(error: Error): string | undefined {
  const number = 'code' in error && typeof error.code === 'number' ? error.code : undefined
  const negated = 'errno' in error && typeof error.errno === 'number' ? -error.errno : undefined
  return BY_NUMBER.get(number ?? negated) ?? systemCode(error)
}

/** Runs `work`; what the disk says is thrown in words, the reason of a signal that was aborted as it is. */
export async function inWords<T>(home: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw signal?.aborted ? signal.reason : storeError(error, home)
  }
}

/** What `work` gives, or why it could not for damage. */
export async function orDamage<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly value: T } | { readonly fault: string }> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof EfsError && error.code === 'CORRUPT') return { fault: error.message }
    throw error
  }
}
