import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { type S3Bucket, shown } from './bucket.js'
import { versioningOf } from './conditions.js'
import { mustDelete } from './deleting.js'
import { isRejected, orFault } from './faults.js'
import { listKeys } from './listing.js'
import { listStates } from './states.js'

/** Takes away all below a prefix, older versions too. @throws REFUSED, FAILED where the server does not delete one */
export async function clearBelow(bucket: S3Bucket, prefix: string): Promise<void> {
  for await (const page of listKeys(bucket, { prefix })) {
    const keys = page.map(({ key }) => key)
    await mustDelete(bucket, keys, {})
  }
  try {
    await clearStates(bucket, prefix)
  } catch (error) {
    // Older versions take rights of their own, and may be locked: then they stay, as of anything else that was deleted there.
    if (!isRejected(error)) throw error
  }
}

async function clearStates(bucket: S3Bucket, prefix: string): Promise<void> {
  if ((await versioningOf(bucket, {})) === undefined) return
  const { signal } = new AbortController()
  for await (const page of listStates(bucket, prefix, {})) {
    await forEachBounded(page, LIMITS.s3RequestsMax, signal, async ({ key, name }, either) => {
      const asked = new DeleteObjectCommand({ Bucket: bucket.name, Key: key, VersionId: name })
      await orFault(`cannot delete a version of ${shown(bucket, key)}`, either, () =>
        bucket.client.send(asked, { abortSignal: either }),
      )
    })
  }
}
