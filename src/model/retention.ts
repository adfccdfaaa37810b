import { LIMITS } from '../base/limits.js'

import { covers, type Parent } from './manifest.js'

/** A version as retention sees it. */
export type Kept = Parent

/**
 * Those of `older` (no tips; the latest first) that are not kept: each tip keeps itself and its `keep - 1` latest ancestors.
 * What is no ancestor of any tip is kept.
 */
export function excessOf<T extends Kept>(
  tips: readonly Pick<Kept, 'vector'>[],
  older: readonly T[],
  keep: number,
): T[] {
  const left = tips.map(() => keep - 1)
  return older.filter((version) => {
    const lines = tips.flatMap(({ vector }, i) => (covers(vector, version.vector) ? [i] : []))
    const isKept = lines.length === 0 || lines.some((line) => (left[line] ?? 0) > 0)
    for (const line of lines) left[line] = (left[line] ?? 0) - 1
    return !isKept
  })
}

/** The option that says after how many seconds an object is deleted: its own, or what holds in its bucket. */
export const DELETE_AFTER = 'Delete-After'

/** Undefined: never. */
export function deleteAfterOf(options: Readonly<Record<string, string>> | undefined): number | undefined {
  const text = options?.[DELETE_AFTER] ?? ''
  const seconds = /^\d+$/.test(text) ? Number(text) : 0
  return seconds >= 1 && seconds <= LIMITS.deleteAfterSecondsMax ? seconds : undefined
}

/** When a version is deleted that was written at `time` (microseconds since 1970), in milliseconds since 1970. */
export const expiryMs = (time: number, afterS: number): number => Math.ceil(time / 1000) + afterS * 1000
