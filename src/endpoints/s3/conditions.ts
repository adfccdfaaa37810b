import { GetBucketVersioningCommand } from '@aws-sdk/client-s3'
import type { CallOptions } from '../../model/endpoint.js'
import { AMAZON, type S3Bucket, shown } from './bucket.js'
import { mustDelete } from './deleting.js'
import { hasCode, isDenied, isRejected, orFault } from './faults.js'
import { putObject } from './putting.js'

/** What a server does with the conditions of writes. `unsure`: it may write what is to be new over what is there, without a word. */
export type Conditions = 'kept' | 'unsure' | 'none'

/**
 * Ceph writes what is to be new over what is there in a bucket that keeps versions, or did. To try that would leave versions behind, so it is
 * taken for so of any such bucket, but for those of Amazon.
 */
export async function conditionsOf(bucket: S3Bucket, prefix: string, options: CallOptions): Promise<Conditions> {
  if (!(await refuses(bucket, prefix, options))) return 'none'
  return bucket.server === AMAZON || !(await mayHaveVersions(bucket, options)) ? 'kept' : 'unsure'
}

/** `Enabled`, `Suspended`, or undefined where the bucket never had versions. */
export async function versioningOf(bucket: S3Bucket, { signal }: CallOptions): Promise<string | undefined> {
  const asked = new GetBucketVersioningCommand({ Bucket: bucket.name })
  const doing = `cannot ask whether ${shown(bucket, '')} has versions`
  const { Status } = await orFault(doing, signal, () =>
    bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
  )
  return Status
}

/**
 * Whether the server refuses a write where its condition does not hold. Some ignore conditions without a word, so one is
 * tried that cannot hold: a new state of an object that is not there. Where that is denied nothing is known.
 */
async function refuses(bucket: S3Bucket, prefix: string, options: CallOptions): Promise<boolean> {
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

/** A server that does not know the question has no versions. */
async function mayHaveVersions(bucket: S3Bucket, options: CallOptions): Promise<boolean> {
  try {
    return (await versioningOf(bucket, options)) !== undefined
  } catch (error) {
    if (!isRejected(error)) throw error
    return isDenied(error)
  }
}
