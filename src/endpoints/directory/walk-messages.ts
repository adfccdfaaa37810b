import type { ListOptions, Parked } from '../../model/endpoint.js'
import type { Lost } from './losses.js'
import type { RowColumns } from './row-columns.js'
import type { WalkState } from './walk.js'

/* What the main thread and one that walks through a directory say to each other. */

export interface WalkSetup {
  readonly root: string
  readonly options: Omit<ListOptions, 'signal' | 'skips'>
  readonly state: WalkState
}

/** Asks for one page more; the time of its rows. */
export interface PageTask {
  readonly takenMs: number
}

/** Pages come in the order asked; one without rows is the last. */
export interface PageMessage {
  readonly takenMs: number
  readonly rows: RowColumns
  readonly parked: readonly Parked[]
  readonly lost: readonly Lost[]
}
