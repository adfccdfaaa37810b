import type { Stats } from '../model/stats.js'
import type { Settled } from '../model/transfer.js'
import { createStats } from '../stats/counters.js'

/** What a run looks like from above. */
export interface Watch {
  readonly stats: Stats
  readonly settled: (what: Settled) => void
  readonly signal: AbortSignal
}

/** Fresh numbers for one run. */
export const newStats = (): Stats => createStats()
