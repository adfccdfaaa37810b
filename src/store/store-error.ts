import { statfsSync } from 'node:fs'
import { EfsError, systemCode } from '../base/errors.js'

/** LMDB reports system errors by number and its own by negative number. */
const LMDB_CODES = new Map<unknown, string>([
  [28, 'ENOSPC'],
  [122, 'EDQUOT'],
  [-30792, 'ENOSPC'],
  [5, 'EIO'],
  [-30795, 'EIO'],
  [1, 'EPERM'],
  [13, 'EACCES'],
  [30, 'EROFS'],
  [2, 'ENOENT'],
])

/** LMDB calls a write that was cut short an I/O error; with less room than this it was for lack of it. */
const FULL_BELOW_BYTES = 1024 * 1024

/** What a chunk or version may make the index grow by, with its part of the pages that are written anew. */
const ROW_ROOM_BYTES = 2048

/** What the disk or LMDB said, in words. What is in words already passes through. */
export function storeError(error: unknown, home: string): unknown {
  if (!(error instanceof Error) || error instanceof EfsError) return error
  const code = systemCode(error) ?? lmdbCode(error)
  switch (code === 'EIO' && isFull(home) ? 'ENOSPC' : code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(home, error)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EfsError('REFUSED', `no permission to write in ${home}`, {
        hint: 'look at the owner and mode of that folder, or use another user',
        cause: error,
      })
    default:
      return new EfsError('IO', `reading or writing ${home} failed: ${error.message.split('\n', 1)[0]}`, {
        cause: error,
      })
  }
}

const diskFull = (home: string, cause?: unknown): EfsError =>
  new EfsError('DISK_FULL', `the disk that holds ${home} is full`, {
    hint: 'free some space, then run the same command again: it goes on from there',
    cause,
  })

const freeBytes = (home: string): number => {
  const { bavail, bsize } = statfsSync(home)
  return bavail * bsize
}

const isFull = (home: string): boolean => freeBytes(home) < FULL_BELOW_BYTES

/**
 * LMDB tells of a full disk on stderr, in words of its own, before it fails; so it is asked for room first.
 * @throws DISK_FULL
 */
export function assertRoomForRows(home: string, rows: number): void {
  if (freeBytes(home) < FULL_BELOW_BYTES + rows * ROW_ROOM_BYTES) throw diskFull(home)
}

function lmdbCode(error: Error): string | undefined {
  return 'code' in error ? LMDB_CODES.get(error.code) : undefined
}

/** Runs `work`; what the disk says is thrown in words. */
export async function inWords<T>(home: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeError(error, home)
  }
}
