import { open, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { EfsError, systemCode } from './errors.js'
import { LIMITS } from './limits.js'

const RETRY_MS = 10

/**
 * Runs `work` while no other process does so with the same lock. A lock that its owner left behind is not broken: two who did that at once
 * would both believe that they have it. @throws CONFLICT after LIMITS.lockFileMsMax
 */
export async function withLockFile<T>(lock: string, work: () => Promise<T>): Promise<T> {
  for (let waited = 0; !(await take(lock)); waited += RETRY_MS) {
    if (waited >= LIMITS.lockFileMsMax) {
      throw new EfsError('CONFLICT', `another process holds ${lock}`, {
        hint: 'run it again; if no efs runs, delete that file',
      })
    }
    await delay(RETRY_MS)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}
