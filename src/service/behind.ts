import type { Behind } from '../model/live-stats.js'
import type { BehindStats } from '../model/service.js'

export const behindAt = ({ objects, bytes, oldestAtMs, capped }: Behind, nowMs: number): BehindStats => ({
  objects,
  bytes,
  oldestMs: oldestAtMs === null ? null : Math.max(0, nowMs - oldestAtMs),
  ...(capped ? { capped } : {}),
})

/** What is behind of several together. */
export function sumBehind(all: readonly BehindStats[]): BehindStats {
  const oldest = all.flatMap(({ oldestMs }) => oldestMs ?? [])
  return {
    objects: all.reduce((sum, one) => sum + one.objects, 0),
    bytes: all.reduce((sum, one) => sum + one.bytes, 0),
    oldestMs: oldest.length === 0 ? null : Math.max(...oldest),
    ...(all.some(({ capped }) => capped) ? { capped: true } : {}),
  }
}
