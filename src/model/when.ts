import { EfsError } from '../base/errors.js'

const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `90`, `90s`, `15m`, `2h`, `3d` in seconds; undefined where the text is none of these. */
export function secondsOf(text: string): number | undefined {
  const [, count, unit = 's'] = /^(\d+)([smhd])?$/.exec(text) ?? []
  const seconds = Number(count) * (UNIT_S[unit] ?? Number.NaN)
  return Number.isSafeInteger(seconds) ? seconds : undefined
}

/**
 * A moment as people write it, in milliseconds since 1970: ISO 8601, `@SECONDS`, or an age (`90s`, `15m`, `2h`, `3d`).
 * @throws USAGE
 */
export function momentOf(text: string, nowMs: number): number {
  const ms = millisecondsOf(text, nowMs)
  if (Math.abs(ms) <= DATE_MS_MAX) return ms
  throw new EfsError('USAGE', `not a time: ${text}`, {
    hint: 'write 2026-01-31T12:00Z, @SECONDS since 1970, or an age such as 15m, 2h, 3d',
  })
}

/** What a date can be, to either side of 1970. */
const DATE_MS_MAX = 8.64e15

/** NaN where it is none. */
function millisecondsOf(text: string, nowMs: number): number {
  const age = /[smhd]$/.test(text) ? secondsOf(text) : undefined
  if (age !== undefined) return nowMs - age * 1000
  const seconds = /^@(\d+(?:\.\d+)?)$/.exec(text)
  if (seconds) return Number(seconds[1]) * 1000
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
}
