import { fstatSync } from 'node:fs'
import { EfsError } from '../../base/errors.js'

// What a command may do with its process, and no longer where it shares that with others: in the toolbox.

/** What a service that has not stopped leaves open does not keep the process. */
const LINGER_MS = 200

let isShared = false

export const sharesProcess = (): boolean => isShared

/** While `work` runs, commands share this process. */
export async function sharingProcess<T>(work: () => Promise<T>): Promise<T> {
  isShared = true
  try {
    return await work()
  } finally {
    isShared = false
  }
}

/** @throws USAGE where commands are read from it, and where it is a folder, of which Node would give nothing */
export function ownStdin(): NodeJS.ReadStream {
  if (isShared) {
    throw new EfsError('USAGE', 'the toolbox reads its commands from stdin, so nothing else can come from there', {
      hint: 'name a file, or run this command outside of the toolbox',
    })
  }
  if (fstatSync(process.stdin.fd).isDirectory())
    throw new EfsError('USAGE', 'stdin is a folder', { hint: 'redirect it from a file, or from a pipe' })
  return process.stdin
}

/** Ends the process soon, if it does not end by itself. */
export function endSoon(): void {
  if (!isShared) setTimeout(() => process.exit(), LINGER_MS).unref()
}
