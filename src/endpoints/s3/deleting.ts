import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { CallOptions } from '../../model/endpoint.js'
import { type S3Bucket, shown } from './bucket.js'
import { hasCode, orFault } from './faults.js'

/** Deletes any number of keys, many in one request where the server can; what is not there is no error. */
export async function deleteKeys(bucket: S3Bucket, keys: readonly string[], { signal }: CallOptions): Promise<void> {
  // XML has no way to write these.
  const odd = keys.filter((key) => !isXml(key))
  const plain = keys.filter(isXml)
  for (let from = 0; from < plain.length; from += LIMITS.s3DeletesMax) {
    const some = plain.slice(from, from + LIMITS.s3DeletesMax)
    if (some.length === 1 || !(await deletedTogether(bucket, some, signal))) odd.push(...some)
  }
  await forEachBounded(each(odd), LIMITS.s3RequestsMax, signal ?? new AbortController().signal, async (key, either) => {
    const asked = new DeleteObjectCommand({ Bucket: bucket.name, Key: key })
    await orFault(`cannot delete ${shown(bucket, key)}`, either, () =>
      bucket.client.send(asked, { abortSignal: either }),
    )
  })
}

/** False where the server has no such request. */
async function deletedTogether(bucket: S3Bucket, keys: readonly string[], signal?: AbortSignal): Promise<boolean> {
  const doing = `cannot delete ${keys.length} objects of ${shown(bucket, '')}`
  const asked = new DeleteObjectsCommand({
    Bucket: bucket.name,
    Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
  })
  try {
    const { Errors = [] } = await orFault(doing, signal, () =>
      bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
    )
    const [first] = Errors
    if (first === undefined) return true
    const code = first.Code === 'AccessDenied' ? 'REFUSED' : 'FAILED'
    throw new EfsError(code, `cannot delete ${shown(bucket, first.Key ?? '')}: ${first.Message ?? first.Code}`)
  } catch (error) {
    if (hasCode(error, 'FAILED') && error instanceof EfsError && error.cause !== undefined) return false
    throw error
  }
}

async function* each(keys: readonly string[]): AsyncGenerator<string> {
  yield* keys
}

/** Whether XML 1.0 can write the text. */
const isXml = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 32 || unit >= 0xfffe) return false
  }
  return true
}
