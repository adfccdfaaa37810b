import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../base/clock.js'

/** Settles when so many bytes may go; the bytes of concurrent calls queue up one after the other. */
export type Pace = (bytes: number, signal: AbortSignal) => Promise<void>

export const unpaced: Pace = () => Promise.resolve()

/** At most `bytesPerSecond` on average from the first call on; an idle time is not saved up, a clock set back costs no wait. */
export function paceOf(
  bytesPerSecond: number,
  clock: Clock,
  wait = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }),
): Pace {
  let owedMs = 0
  let thenMs = clock.nowMs()
  return async (bytes, signal) => {
    const now = clock.nowMs()
    owedMs = Math.max(0, owedMs - Math.max(0, now - thenMs)) + (bytes / bytesPerSecond) * 1000
    thenMs = now
    if (owedMs > 0) await wait(owedMs, signal)
  }
}
