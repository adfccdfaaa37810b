import { LIMITS } from '../base/limits.js'
import type { Parked } from './endpoint.js'
import type { Retry } from './live.js'

/** What the list of retries says of an object that was parked once more, `nowMs`: each try waits twice as long as the one before. */
export function parkedAgain(before: Retry | undefined, { key, why }: Parked, nowMs: number): Retry {
  const tries = Math.min((before?.tries ?? 0) + 1, TRIES_MAX)
  const delayMs = Math.min(LIMITS.retryDelayMsMin * 2 ** (tries - 1), LIMITS.retryDelayMsMax)
  return {
    key,
    why: why.slice(0, LIMITS.lineBytesMax),
    tries,
    firstMs: before?.firstMs ?? nowMs,
    nextMs: nowMs + delayMs,
  }
}

/** What its row can count. */
const TRIES_MAX = 2 ** 32 - 1
