import type { Parked } from './endpoint.js'
import type { Estimate } from './estimate.js'
import type { FilterSpec } from './filter.js'
import type { ObjectKey } from './key.js'
import type { Position } from './position.js'
import type { Guard } from './transfer.js'

/** One step of a plan, as plain data. */
export interface PlannedStep {
  readonly do: 'put' | 'delete'
  readonly key: ObjectKey
  /** Plain bytes that it moves; of a delete, that the object has. */
  readonly bytes: number
  /** It may be less. */
  readonly atMost: boolean
  readonly conflict?: string
  /** What the plan saw at the source and at the sink, in words that differ where that does. */
  readonly here?: string
  readonly there?: string
}

export interface PlannedSide {
  readonly address: string
  /** What it is, whoever asks. */
  readonly identity: string
  /** Where the journal of a whole bucket stood. */
  readonly position?: Position
}

export interface PlanOptions extends Guard {
  readonly delete: boolean
  readonly checksum: boolean
  readonly atMs?: number
  readonly filter?: FilterSpec
}

/** What stands before the steps of a plan. */
export interface PlanHead {
  readonly efsPlan: 1
  /** ISO 8601. */
  readonly made: string
  readonly from: PlannedSide
  readonly to: PlannedSide
  readonly options: PlanOptions
}

export interface PlanSummary {
  readonly steps: number
  readonly puts: number
  readonly deletes: number
  /** Of those. */
  readonly conflicts: number
  /** That all puts move. */
  readonly bytes: number
  readonly atMost: boolean
  /** Null where nothing tells, or there is nothing to do. */
  readonly estimate: Estimate | null
}

export interface PlanEnd {
  readonly parked: readonly Parked[]
  readonly summary: PlanSummary
}

/** A step that is no longer what it was. */
export interface Moved {
  readonly key: ObjectKey
  readonly what: string
}
