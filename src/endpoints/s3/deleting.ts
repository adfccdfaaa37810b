import { DeleteObjectCommand, DeleteObjectsCommand, type _Error as Entry } from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { CallOptions } from '../../model/endpoint.js'
import { type S3Bucket, shown } from './bucket.js'
import { whileBusy } from './busy.js'
import { hasCode, isBusy, isOfNothing, isRejected, orFault, s3Fault } from './faults.js'

/** Objects that the server does not do something with that it may do with others, by their whole keys. */
export type Rejected = ReadonlyMap<string, EfsError>

/** One that is to be deleted: whatever it is by now, or only where it still has that ETag, as far as the server keeps such conditions. */
export interface Doomed {
  readonly key: string
  readonly etag?: string
}

/**
 * Deletes any number of objects, many in one request where the server can; what is not there is no error. Gives those that the
 * server does not delete, by CONFLICT those whose condition does not hold.
 */
export async function deleteObjects(
  bucket: S3Bucket,
  doomed: readonly Doomed[],
  { signal = new AbortController().signal }: CallOptions,
): Promise<Rejected> {
  const rejected = new Map<string, EfsError>()
  // XML has no way to write these.
  const single = doomed.filter(({ key }) => !isXml(key))
  const plain = doomed.filter(({ key }) => isXml(key))
  for (let from = 0; from < plain.length; from += LIMITS.s3DeletesMax) {
    const some = plain.slice(from, from + LIMITS.s3DeletesMax)
    const told = some.length === 1 ? undefined : await deletedTogether(bucket, some, signal)
    for (const one of some) {
      const error = told?.get(one.key)
      if (told === undefined || (error !== undefined && !isSettled(error))) single.push(one)
      else if (error !== undefined && !isOfNothing(error)) rejected.set(one.key, error)
    }
  }
  await forEachBounded(single, LIMITS.s3RequestsMax, signal, async (one, either) => {
    const error = await deletedAlone(bucket, one, either)
    if (error !== undefined) rejected.set(one.key, error)
  })
  return rejected
}

/** Deletes all of these. @throws REFUSED, FAILED where the server does not delete one */
export async function mustDelete(bucket: S3Bucket, keys: readonly string[], options: CallOptions): Promise<void> {
  const doomed = keys.map((key) => ({ key }))
  for (const error of (await deleteObjects(bucket, doomed, options)).values()) throw error
}

const doing = (bucket: S3Bucket, key: string): string => `cannot delete ${shown(bucket, key)}`

/** Whether to ask for this one alone would be answered the same. Nothing else is asked again by itself: these are entries of an answer that succeeded. */
const isSettled = (error: EfsError): boolean =>
  isRejected(error) || isOfNothing(error) || (hasCode(error, 'CONFLICT') && !isBusy(error))

/** Why it is still there, or undefined. @throws what is no matter of this object */
async function deletedAlone(
  bucket: S3Bucket,
  { key, etag }: Doomed,
  signal: AbortSignal,
): Promise<EfsError | undefined> {
  const once = (condition: { readonly IfMatch?: string }): Promise<unknown> => {
    const asked = new DeleteObjectCommand({ Bucket: bucket.name, Key: key, ...condition })
    return orFault(doing(bucket, key), signal, () => bucket.client.send(asked, { abortSignal: signal }))
  }
  try {
    if (etag === undefined) await once({})
    else
      await orBare(
        () => whileBusy(signal, () => once({ IfMatch: etag })),
        () => once({}),
      )
    return undefined
  } catch (error) {
    if (etag !== undefined && isOfNothing(error)) return undefined
    if (isRejected(error) || hasCode(error, 'CONFLICT')) return error
    throw error
  }
}

/** Those that are still there, and why; undefined where the server has no such request, or answers it with names of its own. */
async function deletedTogether(
  bucket: S3Bucket,
  doomed: readonly Doomed[],
  signal: AbortSignal,
): Promise<Rejected | undefined> {
  const once = async (objects: readonly Doomed[]): Promise<readonly Entry[]> => {
    const Objects = objects.map(({ key, etag }) => ({ Key: key, ...(etag !== undefined && { ETag: etag }) }))
    const asked = new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } })
    const all = `cannot delete ${objects.length} objects of ${shown(bucket, '')}`
    const answer = await orFault(all, signal, () => bucket.client.send(asked, { abortSignal: signal }))
    return answer.Errors ?? []
  }
  const bare = doomed.map(({ key }) => ({ key }))
  try {
    const entries = doomed.some(({ etag }) => etag !== undefined)
      ? await orBare(
          () => once(doomed),
          () => once(bare),
        )
      : await once(bare)
    const asked = new Set(doomed.map(({ key }) => key))
    if (entries.some(({ Key = '' }) => !asked.has(Key))) return undefined
    return new Map(entries.map((entry) => [entry.Key ?? '', faultOf(bucket, entry)]))
  } catch (error) {
    // What is asked for all of them may be allowed for each.
    if (isRejected(error)) return undefined
    throw error
  }
}

/** Some servers do not take a delete that has a condition (MalformedXML, NotImplemented), as Amazon did not before 2025: those it is made without. */
async function orBare<T>(conditional: () => Promise<T>, bare: () => Promise<T>): Promise<T> {
  try {
    return await conditional()
  } catch (error) {
    if (!hasCode(error, 'FAILED')) throw error
    return bare()
  }
}

function faultOf(bucket: S3Bucket, { Key = '', Code = 'Unknown', Message = '' }: Entry): EfsError {
  const cause = Object.assign(new Error(Message), { $metadata: { httpStatusCode: STATUS[Code] ?? 400 } })
  cause.name = Code
  const error = s3Fault(cause, doing(bucket, Key))
  if (!(error instanceof EfsError)) throw error
  return error
}

/** An entry tells none. */
const STATUS: Readonly<Record<string, number>> = { AccessDenied: 403, InternalError: 500, ServiceUnavailable: 503 }

/** Whether XML 1.0 can write the text. */
const isXml = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 32 || unit >= 0xfffe) return false
  }
  return true
}
