import { unwatchFile, watch, watchFile } from 'node:fs'
import { systemCode } from './errors.js'
import { LIMITS } from './limits.js'

export interface Watched {
  close(): void
}

/**
 * Tells when that file, or what that folder holds, may have changed: `rename` where the name may stand for another one now, and nothing more
 * may be told. The system bounds the watches of each user; where it gives no more, the file is looked at a few times a second.
 * @throws what the system says, for instance that there is no such file
 */
export function watched(file: string, heard: (what: 'change' | 'rename') => void): Watched {
  try {
    const watcher = watch(file, { persistent: false }, heard)
    return watcher.on('error', () => heard('rename'))
  } catch (error) {
    if (!isOutOfWatches(error)) throw error
    const looked = (): void => heard('change')
    watchFile(file, { persistent: false, interval: LIMITS.watchlessLookMs }, looked)
    return { close: () => unwatchFile(file, looked) }
  }
}

function isOutOfWatches(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOSPC' || code === 'EMFILE'
}
