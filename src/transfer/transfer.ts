import type { Baseline } from '../model/baseline.js'
import type { Done, Parked, Sink, Source } from '../model/endpoint.js'
import type { Filter } from '../model/filter.js'
import type { Stats } from '../model/stats.js'
import type { Guard, Settled, Step, TransferPolicy } from '../model/transfer.js'
import type { Pace } from './pace.js'

/** What of its steps a run does at a time. */
export type Phase = 'copy' | 'delete'

/** One run: two sides, the rules, and what is handed down to it. */
export interface Transfer {
  readonly source: Source
  readonly sink: Sink
  readonly baseline?: Baseline
  readonly policy: TransferPolicy
  readonly guard: Guard
  /** What the source's objects were comes first, where it keeps that. */
  readonly history?: boolean
  /** The source as it was then, milliseconds since 1970. */
  readonly atMs?: number
  /** What it leaves out is left alone at both sides. */
  readonly filter?: Filter
  /** Nothing is inferred about these, or brought there. */
  readonly leftOut?: readonly Parked[]
  /** Throws where a side is not what it was when the run began, so that what it was found to lack says nothing. */
  readonly stands?: () => void
  /** Told of what is about to be published; nothing of it is before this settles. */
  readonly giving?: (done: readonly Done[]) => Promise<void>
  /** Passes on the steps of a phase that were agreed on before the run, and throws where they are others. */
  readonly agreed?: (phase: Phase, steps: AsyncIterable<readonly Step[]>) => AsyncIterable<readonly Step[]>
  readonly parcelsInFlight: number
  readonly pace: Pace
  readonly stats: Stats
  readonly signal: AbortSignal
  /** Told of each object once it is durable at the sink, or parked. */
  readonly settled: (what: Settled) => void
}
