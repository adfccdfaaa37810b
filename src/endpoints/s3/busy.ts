import { setTimeout } from 'node:timers/promises'
import { LIMITS } from '../../base/limits.js'
import { isBusy } from './faults.js'

/**
 * Makes a request that has a condition, again with the same one while the server says that something else is done to that key: until that is done
 * nobody knows whether the condition holds, and without it the request would cover just that.
 * @throws CONFLICT (`isBusy`) where that goes on
 */
export async function whileBusy<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth++) {
    try {
      return await call()
    } catch (error) {
      if (!isBusy(error) || nth >= LIMITS.s3TriesMax) throw error
      await setTimeout(LIMITS.s3RetryMs * 2 ** (nth - 1), undefined, { signal })
    }
  }
}
