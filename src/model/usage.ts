/** What a bucket takes, each chunk counted once. */
export interface BucketUsage {
  /** Plain bytes of its objects. */
  readonly unique: number
  /** The same as it is stored. */
  readonly compressed: number
  /** Stored bytes that only versions need which are no heads. */
  readonly older: number
}

export interface SegmentUse {
  readonly packs: number
  readonly packBytes: number
  readonly indexBytes: number
  readonly chunks: number
}
