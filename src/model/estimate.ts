/** What moves: objects that are put or deleted, and the plain bytes that are read for that. */
export interface Amount {
  readonly objects: number
  readonly bytes: number
}

/** How long an amount took that is not nothing. */
export interface Timed extends Amount {
  readonly seconds: number
}

/** How long a plan will take. */
export interface Estimate {
  readonly seconds: number
  /**
   * What it goes by: an earlier run between the same two sides; how fast the source is read, which is a part of it alone; the most that
   * is to move in a second.
   */
  readonly by: 'run' | 'reading' | 'bandwidth'
  /** The number of that run; null where it has none. */
  readonly run: number | null
}
