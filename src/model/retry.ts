import { LIMITS } from '../base/limits.js'
import type { Done, Parked } from './endpoint.js'
import type { Retry } from './live.js'
import { compareStamps, type Stamp } from './manifest.js'

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

/** Why something is left out, and which version of it. */
export const parkedFor = ({ key, content }: Pick<Done, 'key' | 'content'>, why: string): Parked => ({
  key,
  why,
  ...('manifest' in content && { stamp: content.manifest.stamp }),
})

/** The versions that still wait once this one does not: those that it does not descend from. What has no line leaves none. */
export const stillWaiting = (stamps: readonly Stamp[], { content }: Pick<Done, 'content'>): Stamp[] =>
  'manifest' in content ? stamps.filter(({ segment, time }) => (content.manifest.vector[segment] ?? -1) < time) : []

/** With one more. Of too many the first are forgotten: they go with the next. */
export const waitingToo = (stamps: readonly Stamp[], stamp: Stamp | undefined): Stamp[] =>
  stamp === undefined
    ? [...stamps]
    : [...stamps.filter((one) => compareStamps(one, stamp) !== 0), stamp].slice(-WAITING_MAX)
const WAITING_MAX = 64

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
