import { EfsError, systemCode } from '../../base/errors.js'
import type { PublishResult } from '../../model/endpoint.js'
import { why } from './why.js'

/** These are no matter of one object: the run cannot go on until somebody did this. */
const FATAL: Readonly<Record<string, string>> = {
  EIO: 'look at the disk',
  EROFS: 'mount it for writing',
  EMFILE: 'allow more with ulimit -n',
  ENFILE: 'end what has so many files open',
}

/**
 * What the system refuses for one object parks that object.
 * @throws DISK_FULL, IO where it would refuse the next one too; what is no system error, as it is
 */
export function orParked<T>(root: string, work: () => T): T | PublishResult {
  try {
    return work()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    throwIfFatal(error, root)
    return { status: 'parked', why: `it cannot be written: ${why(error)}` }
  }
}

/** @throws DISK_FULL, IO */
export function throwIfFatal(error: unknown, root: string): void {
  const code = systemCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new EfsError('DISK_FULL', `no space is left for ${root}`, { hint: 'make room and run again', cause: error })
  }
  const what = FATAL[code ?? '']
  if (what !== undefined) {
    throw new EfsError('IO', `cannot write to ${root}: ${why(error)}`, { hint: `${what} and run again`, cause: error })
  }
}
