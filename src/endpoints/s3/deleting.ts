import { DeleteObjectCommand, DeleteObjectsCommand, type _Error as Entry } from '@aws-sdk/client-s3'
import type { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { CallOptions } from '../../model/endpoint.js'
import { type S3Bucket, shown } from './bucket.js'
import { isRejected, orFault, s3Fault } from './faults.js'

/** Objects that the server does not do something with that it may do with others, by their whole keys. */
export type Rejected = ReadonlyMap<string, EfsError>

/**
 * Deletes any number of keys, many in one request where the server can; what is not there is no error. Gives those that the
 * server does not delete.
 */
export async function deleteKeys(
  bucket: S3Bucket,
  keys: readonly string[],
  { signal }: CallOptions,
): Promise<Rejected> {
  const rejected = new Map<string, EfsError>()
  // XML has no way to write these.
  const odd = keys.filter((key) => !isXml(key))
  const plain = keys.filter(isXml)
  for (let from = 0; from < plain.length; from += LIMITS.s3DeletesMax) {
    const some = plain.slice(from, from + LIMITS.s3DeletesMax)
    const told = some.length === 1 ? undefined : await deletedTogether(bucket, some, signal)
    if (told === undefined) odd.push(...some)
    for (const [key, error] of told ?? []) rejected.set(key, error)
  }
  await forEachBounded(each(odd), LIMITS.s3RequestsMax, signal ?? new AbortController().signal, async (key, either) => {
    const asked = new DeleteObjectCommand({ Bucket: bucket.name, Key: key })
    try {
      await orFault(doing(bucket, key), either, () => bucket.client.send(asked, { abortSignal: either }))
    } catch (error) {
      if (!isRejected(error)) throw error
      rejected.set(key, error)
    }
  })
  return rejected
}

/** Deletes all of these. @throws REFUSED, FAILED where the server does not delete one */
export async function mustDelete(bucket: S3Bucket, keys: readonly string[], options: CallOptions): Promise<void> {
  for (const error of (await deleteKeys(bucket, keys, options)).values()) throw error
}

const doing = (bucket: S3Bucket, key: string): string => `cannot delete ${shown(bucket, key)}`

/** Those that are still there; undefined where the server has no such request. */
async function deletedTogether(
  bucket: S3Bucket,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Rejected | undefined> {
  const asked = new DeleteObjectsCommand({
    Bucket: bucket.name,
    Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
  })
  let entries: readonly Entry[]
  try {
    const answer = await orFault(`cannot delete ${keys.length} objects of ${shown(bucket, '')}`, signal, () =>
      bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
    )
    entries = answer.Errors ?? []
  } catch (error) {
    // What is asked for all of them may be allowed for each.
    if (isRejected(error)) return undefined
    throw error
  }
  return new Map(entries.map((entry) => [entry.Key ?? '', faultOf(bucket, keys, entry)]))
}

/** @throws what is no matter of this object */
function faultOf(
  bucket: S3Bucket,
  keys: readonly string[],
  { Key = '', Code = 'Unknown', Message = '' }: Entry,
): EfsError {
  const cause = Object.assign(new Error(Message), { $metadata: { httpStatusCode: STATUS[Code] ?? 400 } })
  cause.name = Code
  const error = s3Fault(cause, doing(bucket, Key))
  if (!isRejected(error) || !keys.includes(Key)) throw error
  return error
}

/** An entry tells none. */
const STATUS: Readonly<Record<string, number>> = { AccessDenied: 403, InternalError: 500, ServiceUnavailable: 503 }

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
