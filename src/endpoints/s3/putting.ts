import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import { untilAborted } from '../../base/signals.js'
import type { CallOptions } from '../../model/endpoint.js'
import { type S3Bucket, shown } from './bucket.js'
import { hasCode, isMisSigned, isRejected, orFault } from './faults.js'
import { isAscii } from './header-text.js'
import { KEPT_HEADERS, type KeptHeaders } from './kept-headers.js'
import { bare } from './listing.js'
import type { QuickRequest } from './quick.js'

/** What must hold for a write to be done: nothing is there, or this state. */
export type Only = { readonly absent: true } | { readonly etag: string }

/** What of an object is written beside its bytes. */
export interface Dress {
  readonly metadata: Readonly<Record<string, string>>
  /** What of it S3 says that it holds, where that is less: for a server that does not take all. */
  readonly least?: Readonly<Record<string, string>>
  readonly headers: KeptHeaders
  /** As in a query: `a=1&b=2`. */
  readonly tagging?: string
}

export interface PutRequest extends CallOptions {
  readonly dress?: Dress
  readonly only?: Only
}

/** The headers of a condition. The ETag goes without quotes, as Amazon takes it too: Ceph compares it as it comes. */
export const conditionOf = (only: Only | undefined): { readonly IfNoneMatch?: string; readonly IfMatch?: string } =>
  only === undefined ? {} : 'absent' in only ? { IfNoneMatch: '*' } : { IfMatch: only.etag }

/** What goes with an object, as headers. */
const headersOf = (dress: Dress | undefined, only: Only | undefined): Readonly<Record<string, string | undefined>> => ({
  ...Object.fromEntries(KEPT_HEADERS.map(([name, header]) => [header.toLowerCase(), dress?.headers[name]])),
  'content-type': dress?.headers.ContentType ?? 'application/octet-stream',
  'x-amz-tagging': dress?.tagging,
  'if-none-match': conditionOf(only).IfNoneMatch,
  'if-match': conditionOf(only).IfMatch,
  ...Object.fromEntries(
    Object.entries(dress?.metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name.toLowerCase()}`, value]),
  ),
})

export const dressOf = (dress: Dress | undefined) => ({
  ...(dress && { Metadata: dress.metadata, ...dress.headers }),
  ...(dress?.tagging !== undefined && { Tagging: dress.tagging }),
})

/** Writes an object in one request and gives its ETag. @throws CONFLICT where `only` does not hold */
export async function putObject(
  bucket: S3Bucket,
  key: string,
  bytes: Uint8Array,
  request: PutRequest,
): Promise<string> {
  return bucket.digests.covering(bytes, (md5) => putOnce(bucket, key, bytes, { ...request, md5 }))
}

async function putOnce(
  bucket: S3Bucket,
  key: string,
  bytes: Uint8Array,
  { dress, only, signal, md5 }: PutRequest & { readonly md5: string | undefined },
): Promise<string> {
  const doing = `cannot write ${shown(bucket, key)}`
  const headers = { ...headersOf(dress, only), 'content-md5': md5 }
  // The quick way sends nothing else.
  if (isPlain(dress)) {
    const etag = await putQuickly(bucket, { key, headers, body: bytes, ...(signal && { signal }) })
    if (etag !== undefined) return etag
  }
  const { ETag } = await dressed(doing, dress, (taken) => {
    const asked = new PutObjectCommand({
      Bucket: bucket.name,
      Key: key,
      Body: bytes,
      ContentLength: bytes.length,
      ContentMD5: md5,
      ...dressOf(taken),
      ...conditionOf(only),
    })
    return orFault(doing, signal, () => bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }))
  })
  if (ETag === undefined) throw new EfsError('FAILED', `${doing}: the server does not tell its ETag`)
  return bare(ETag)
}

const isPlain = (dress: Dress | undefined): boolean => Object.values(dress?.metadata ?? {}).every(isAscii)

/**
 * Writes with all that goes with an object, or, where that is more than S3 says that it holds and is not taken, with as much as it holds.
 * A server that signs what is no ASCII in another way takes the keys for wrong ones; they are right for the next object.
 */
export async function dressed<T>(
  doing: string,
  dress: Dress | undefined,
  call: (dress: Dress | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await call(dress)
  } catch (error) {
    if (dress?.least && isRejected(error)) {
      const { least, ...rest } = dress
      return dressed(doing, { ...rest, metadata: least }, call)
    }
    if (isPlain(dress) || !isMisSigned(error)) throw error
    throw new EfsError('FAILED', `${doing}: the server takes no metadata that is not ASCII`, { cause: error })
  }
}

/** Gives the ETag of what was written; undefined where the SDK is to do it. */
export async function putQuickly(bucket: S3Bucket, request: Omit<QuickRequest, 'method'>): Promise<string | undefined> {
  const answer = await untilAborted(request.signal, () => bucket.quick.send({ ...request, method: 'PUT' }))
  const etag = answer?.headers.etag
  return etag === undefined ? undefined : bare(etag)
}

export interface Head {
  readonly etag: string
  readonly size: number
  readonly modifiedMs: number
  readonly metadata: Readonly<Record<string, string>>
  /** Its version of S3, where the bucket keeps them. */
  readonly version?: string
}

/** Undefined where nothing is there. */
export async function headObject(bucket: S3Bucket, key: string, { signal }: CallOptions): Promise<Head | undefined> {
  const doing = `cannot look at ${shown(bucket, key)}`
  const asked = new HeadObjectCommand({ Bucket: bucket.name, Key: key })
  try {
    const {
      ETag,
      ContentLength,
      LastModified,
      Metadata = {},
      VersionId,
    } = await orFault(doing, signal, () => bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }))
    if (ETag === undefined || ContentLength === undefined || LastModified === undefined) {
      throw new EfsError('FAILED', `${doing}: the answer lacks its ETag, size or time`)
    }
    return {
      etag: bare(ETag),
      size: ContentLength,
      modifiedMs: LastModified.getTime(),
      metadata: Metadata,
      ...(VersionId !== undefined && { version: VersionId }),
    }
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw isRejected(error) ? await inWords(bucket, key, error, { ...(signal && { signal }) }) : error
  }
}

/** The answer to a HEAD has no body that could say why: a server that does not allow to read the first byte does. */
async function inWords(bucket: S3Bucket, key: string, error: EfsError, { signal }: CallOptions): Promise<unknown> {
  const asked = new GetObjectCommand({ Bucket: bucket.name, Key: key, Range: 'bytes=0-0' })
  try {
    const { Body } = await orFault(`cannot look at ${shown(bucket, key)}`, signal, () =>
      bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
    )
    if (Body instanceof Readable) Body.destroy()
  } catch (told) {
    if (hasCode(told, 'REFUSED') || signal?.aborted) return told
  }
  return error
}
