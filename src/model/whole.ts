/** Something that is more than its objects. */
export interface Whole {
  /** As people call it; each has another one. */
  readonly name: string
  /** This object says that it is there; without it the others may be anything. */
  readonly isMark: boolean
}
