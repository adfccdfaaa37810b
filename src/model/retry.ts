import { LIMITS } from '../base/limits.js'
import type { Parked } from './endpoint.js'
import type { Retry } from './live.js'

/** What the list of retries says of an object that was parked once more, `nowMs`: each try waits twice as long as the one before. */
export function parkedAgain(before: Retry | undefined, { key, why }: Parked, nowMs: number): Retry {
  const tries = Math.min((before?.tries ?? 0) + 1, TRIES_MAX)
  return {
    key,
    why: why.slice(0, LIMITS.lineBytesMax),
    tries,
    firstMs: before?.firstMs ?? nowMs,
    nextMs: nowMs + delayMsAfter(tries),
  }
}

const delayMsAfter = (tries: number): number =>
  Math.min(LIMITS.retryDelayMsMin * 2 ** (tries - 1), LIMITS.retryDelayMsMax)

/**
 * Whether a try is due by another clock than that which set its time. Further ahead than its delay is only what was set by a clock that is
 * ahead of this one.
 */
export const isDueBy = ({ nextMs, tries }: Retry, nowMs: number): boolean =>
  nextMs <= nowMs || nextMs > nowMs + delayMsAfter(tries)

/** When it is due by such a clock, where something was tried `lastMs` by the same: milliseconds since 1970. */
export function dueMsBy({ nextMs, tries }: Retry, nowMs: number, lastMs: number): number {
  const delayMs = delayMsAfter(tries)
  return Math.max(Math.min(nextMs, nowMs + delayMs), lastMs + delayMs)
}

/** What its row can count. */
const TRIES_MAX = 2 ** 32 - 1
