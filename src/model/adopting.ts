import type { SegmentGuid } from './ids.js'

/** What somebody says of a home that was noticed: there is no other one, or the other one goes on too. */
export type AdoptAs = 'moved' | 'copied'

export interface Adopted {
  readonly guid: SegmentGuid
  /** Until now. */
  readonly before: SegmentGuid
  /** Whether it was `unadopted`. */
  readonly wasNeeded: boolean
}
