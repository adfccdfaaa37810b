import type { CallOptions } from '../../model/endpoint.js'
import type { S3Bucket } from './bucket.js'
import { mustDelete } from './deleting.js'
import { hasCode, isRejected } from './faults.js'
import { putObject } from './putting.js'

/**
 * Whether the server refuses a write where its condition does not hold. Some ignore conditions without a word, so one is
 * tried that cannot hold: a new state of an object that is not there. Where that is denied nothing is known.
 */
export async function hasConditions(bucket: S3Bucket, prefix: string, options: CallOptions): Promise<boolean> {
  const key = `${prefix}.efs-probe`
  try {
    await putObject(bucket, key, new Uint8Array(), { only: { etag: '00000000000000000000000000000000' }, ...options })
  } catch (error) {
    if (hasCode(error, 'CONFLICT') || hasCode(error, 'NOT_FOUND')) return true
    if (!isRejected(error)) throw error
    return false
  }
  await mustDelete(bucket, [key], options)
  return false
}
