/** Which version of an object is meant: the head, the one whose id starts so, or the head of that time. */
export interface Which {
  readonly version?: string
  /** Milliseconds since 1970. */
  readonly atMs?: number
}

export interface GetRequest extends Which {
  readonly path: string
  readonly range?: string
  /** What is shown to a gateway for which nothing is kept here. */
  readonly auth?: string
}

export interface ListRequest {
  /** `Hawaii/Cola/bk1`, or a prefix below it. */
  readonly path: string
  readonly prefix?: string
  readonly limit?: number
  readonly deleted: boolean
  readonly atMs?: number
  /** As in `GetRequest`. */
  readonly auth?: string
}
