import type { CallExtras } from '../../link/client/client.js'
import type { BucketRef } from '../../link/protocol/ops.js'
import type { CallOptions } from '../../model/endpoint.js'

/** A call for one bucket. */
export const about = ({ uid }: BucketRef, options: CallOptions | undefined): CallExtras => ({
  bucket: uid,
  ...(options?.signal && { signal: options.signal }),
})
