import type { Clock } from '../../base/clock.js'

/** Of what happens in that time: nobody else than so many has a line in a log. */
const KEYS_MAX = 64

/** Says of each key whether it is to be told now: it is once in so many milliseconds, so that nobody can fill a log. */
export function seldom(clock: Clock, ms: number): (key: string) => boolean {
  const told = new Map<string, number>()
  return (key) => {
    const nowMs = clock.nowMs()
    for (const [one, atMs] of told) if (Math.abs(nowMs - atMs) >= ms) told.delete(one)
    if (told.has(key) || told.size >= KEYS_MAX) return false
    told.set(key, nowMs)
    return true
  }
}
