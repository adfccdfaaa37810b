/** `30ms`, `30s`, `2m 5s`, `1h 0m 5s`; what is less than the last unit is dropped. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.floor(ms)}ms`
  const seconds = Math.floor(ms / 1000)
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  if (h > 0) return `${h}h ${m}m ${s}s`
  return m > 0 ? `${m}m ${s}s` : `${s}s`
}

const AGES = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** `20 seconds ago`, `1 minute ago`, `now`; `2 hours ahead` by the clock of another machine, or one that was set back since. */
export function ago(atMs: number | null, nowMs: number): string {
  if (atMs === null) return '-'
  const isAhead = atMs - nowMs >= AHEAD_MS
  const seconds = Math.floor((isAhead ? atMs - nowMs : nowMs - atMs) / 1000)
  const [unit, length] = AGES.find(([, size]) => seconds >= size) ?? ['second', 1]
  const count = Math.floor(seconds / length)
  return count < 1 ? 'now' : `${count} ${unit}${count === 1 ? '' : 's'} ${isAhead ? 'ahead' : 'ago'}`
}

/** By less than that clocks differ anyway. */
const AHEAD_MS = 60_000
