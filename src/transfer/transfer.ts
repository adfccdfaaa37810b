import type { Baseline, Sink, Source } from '../model/endpoint.js'
import type { Stats } from '../model/stats.js'
import type { Guard, Settled, TransferPolicy } from '../model/transfer.js'
import type { Pace } from './pace.js'

/** One run: two sides, the rules, and what is handed down to it. */
export interface Transfer {
  readonly source: Source
  readonly sink: Sink
  readonly baseline?: Baseline
  readonly policy: TransferPolicy
  readonly guard: Guard
  /** The source as it was then, milliseconds since 1970. */
  readonly atMs?: number
  readonly parcelsInFlight: number
  readonly pace: Pace
  readonly stats: Stats
  readonly signal: AbortSignal
  /** Told of each object once it is durable at the sink, or parked. */
  readonly settled: (what: Settled) => void
}
