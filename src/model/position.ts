import type { JournalId } from './ids.js'

/** A place in a bucket's journal. Positions of one journal and epoch are ordered by sequence. */
export interface Position {
  readonly journal: JournalId
  readonly epoch: number
  /** The last sequence taken in; 0 before the first. */
  readonly sequence: number
}

export const isSamePosition = (a: Position, b: Position): boolean =>
  a.journal === b.journal && a.epoch === b.epoch && a.sequence === b.sequence

/**
 * Whether what stood at `head` was taken in by who is at `position`. Both count: a position half way through the journal may name a later
 * epoch, and where a disk was set back a sequence is given out again in one.
 */
export const covers = (position: Position, head: Position): boolean =>
  position.journal === head.journal && position.epoch >= head.epoch && position.sequence >= head.sequence
