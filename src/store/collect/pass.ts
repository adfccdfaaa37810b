import type { CallOptions } from '../../model/endpoint.js'

/** How a pass over the index is made. */
export interface PassOptions extends CallOptions {
  /** It only counts. */
  readonly dryRun: boolean
}
