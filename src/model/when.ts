import { EfsError } from '../base/errors.js'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A moment as people write it, in milliseconds since 1970: ISO 8601, `@SECONDS`, or an age (`90s`, `15m`, `2h`, `3d`).
 * @throws USAGE
 */
export function momentOf(text: string, nowMs: number): number {
  const age = /^(\d+)([smhd])$/.exec(text)
  if (age) return nowMs - Number(age[1]) * (UNIT_MS[age[2] ?? ''] ?? Number.NaN)
  const seconds = /^@(\d+(?:\.\d+)?)$/.exec(text)
  if (seconds) return Number(seconds[1]) * 1000
  const parsed = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(parsed)) {
    throw new EfsError('USAGE', `not a time: ${text}`, {
      hint: 'write 2026-01-31T12:00Z, @SECONDS since 1970, or an age such as 15m, 2h, 3d',
    })
  }
  return parsed
}
