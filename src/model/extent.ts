/** `length` bytes from `offset`; both whole numbers, `length` at least 1. */
export interface Extent {
  readonly offset: number
  readonly length: number
}

/** Bytes of an object that stand in another one, or in an earlier state of it, at `from`. */
export interface SameExtent extends Extent {
  readonly from: number
}
