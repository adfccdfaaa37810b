import type { Amount, Estimate, Timed } from '../model/estimate.js'

/** What else an object costs, as bytes. Measured between directories and buckets, both ways: 30 to 60 KiB. */
const OBJECT_BYTES = 40 * 1024

/** Of less, too much of the time is that of beginning. */
const TELLING_BYTES = 128 * 1024 * 1024

const weightOf = ({ objects, bytes }: Amount): number => bytes + objects * OBJECT_BYTES

export interface Measured {
  /** That the plan looked at both sides, which a run does while it moves. */
  readonly lookSeconds: number
  /** An earlier run, and its number. */
  readonly run: (Timed & { readonly run?: number }) | undefined
  /** Of the source alone. */
  readonly reading: Timed | undefined
  /** Bytes a second. */
  readonly bandwidth: number | undefined
}

/** Null where nothing was measured that it can go by. */
export function estimateOf(amount: Amount, { lookSeconds, run, reading, bandwidth }: Measured): Estimate | null {
  const timed = run ?? reading
  const moving = timed === undefined ? 0 : (weightOf(amount) * timed.seconds) / weightOf(timed)
  const throttled = bandwidth === undefined ? 0 : amount.bytes / bandwidth
  if (timed === undefined && throttled === 0) return null
  const seconds = Math.round(Math.max(lookSeconds, moving, throttled) * 1000) / 1000
  if (throttled > Math.max(lookSeconds, moving)) return { seconds, by: 'bandwidth', run: null }
  return run === undefined ? { seconds, by: 'reading', run: null } : { seconds, by: 'run', run: run.run ?? null }
}

/** Whether how long this took tells the speed, where so many objects were looked at for it. */
export const tellsSpeed = (moved: Amount, looked: number): boolean =>
  weightOf(moved) >= Math.max(TELLING_BYTES, (looked * OBJECT_BYTES) / 4)
