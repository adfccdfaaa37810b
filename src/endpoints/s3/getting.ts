import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { untilAborted } from '../../base/signals.js'
import type { Extent } from '../../model/extent.js'
import { type S3Bucket, shown } from './bucket.js'
import { hasCode, orFault, s3Fault } from './faults.js'
import { type KeptHeader, keptHeaders } from './kept-headers.js'

export interface GetOptions {
  readonly range?: Extent
  /** Only where the object has it. */
  readonly etag?: string
  /** A version of S3; else the latest. */
  readonly version?: string
  /** Bytes that are left free before what was read. */
  readonly headroom?: number
  /** Gives memory for so many bytes. */
  readonly take?: (bytes: number) => Buffer
  readonly signal?: AbortSignal
}

/** A part of an object that arrived whole, and what the server says of the object. */
export interface Got {
  readonly bytes: Buffer
  readonly answer: Answer
}

/** What a server says of an object. */
export type Answer = Pick<
  GetObjectCommandOutput,
  'ETag' | 'LastModified' | 'ContentLength' | 'ContentRange' | 'TagCount' | 'Metadata' | KeptHeader
>

/**
 * Reads an object or a part of it; what was cut short is asked for again.
 * @throws NOT_FOUND where it is gone or ends before the range; CONFLICT where it has another ETag by now; UNREACHABLE
 */
export async function getObject(bucket: S3Bucket, key: string, options: GetOptions): Promise<Got> {
  const { signal } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await getOnce(bucket, key, options)
    } catch (error) {
      if (!hasCode(error, 'UNREACHABLE') || attempt >= LIMITS.s3TriesMax || !isCut(error)) throw error
      const delay = Math.random() * LIMITS.s3RetryMs * 2 ** attempt
      await setTimeout(delay, undefined, signal && { signal })
    }
  }
}

const CUT = 'it was cut short'

/** The SDK itself tries again until there is an answer; what happens to the body after that is ours. */
const isCut = (error: unknown): boolean => error instanceof EfsError && error.message.includes(CUT)

async function getOnce(bucket: S3Bucket, key: string, options: GetOptions): Promise<Got> {
  const { range, signal } = options
  const doing = `cannot read ${shown(bucket, key)}`
  const quick = await getQuickly(bucket, key, options)
  if (quick !== undefined) {
    if (range !== undefined) checkRange(quick.answer, range, doing)
    return quick
  }
  const { answer, Body } = await orFault(doing, signal, () => ask(bucket, key, options))
  const length = range?.length ?? answer.ContentLength
  try {
    if (length === undefined) throw new EfsError('FAILED', `${doing}: the server does not tell how long it is`)
    if (range !== undefined) checkRange(answer, range, doing)
    return { bytes: await readAll(Body, length, doing, options), answer }
  } catch (error) {
    Body.destroy()
    throw s3Fault(error, doing, signal)
  }
}

const wantedOf = ({ range, etag, version }: GetOptions) => ({
  Range: range && `bytes=${range.offset}-${range.offset + range.length - 1}`,
  IfMatch: etag === undefined ? undefined : `"${etag}"`,
  VersionId: version,
})

/** Undefined where the SDK is to do it. */
async function getQuickly(bucket: S3Bucket, key: string, options: GetOptions): Promise<Got | undefined> {
  const { range, headroom = 0, signal } = options
  const { Range, IfMatch, VersionId } = wantedOf(options)
  let bytes: Buffer | undefined
  const room = (length: number): Buffer => {
    if (range !== undefined && length !== range.length) throw new Error('another length than was asked for')
    bytes = memoryFor(length, options)
    return bytes.subarray(headroom)
  }
  const headers = { range: Range, 'if-match': IfMatch }
  const query = VersionId === undefined ? {} : { query: { versionId: VersionId } }
  const asked = { method: 'GET', key, headers, room, ...query, ...(signal && { signal }) } as const
  const quick = await untilAborted(signal, () => bucket.quick.send(asked))
  return quick && { bytes: bytes ?? memoryFor(0, options), answer: answerOf(quick.headers) }
}

const memoryFor = (length: number, { headroom = 0, take = Buffer.allocUnsafeSlow }: GetOptions): Buffer =>
  take(headroom + length)

/** Settles when the answer has begun. */
async function ask(bucket: S3Bucket, key: string, options: GetOptions) {
  const { signal } = options
  const asked = new GetObjectCommand({ Bucket: bucket.name, Key: key, ...wantedOf(options) })
  const { Body, ...answer } = await bucket.client.send(asked, { ...(signal && { abortSignal: signal }) })
  if (!(Body instanceof Readable)) throw new Error('the SDK gives streams here')
  return { answer, Body }
}

const META = 'x-amz-meta-'

function answerOf(headers: Readonly<Record<string, string>>): Answer {
  const { 'last-modified': modified, 'content-length': length, 'x-amz-tagging-count': tags } = headers
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith(META))
  return {
    ETag: headers.etag,
    LastModified: modified === undefined ? undefined : new Date(modified),
    ContentLength: length === undefined ? undefined : Number(length),
    ContentRange: headers['content-range'],
    ...keptHeaders((name) => headers[name.toLowerCase()]),
    TagCount: tags === undefined ? undefined : Number(tags),
    Metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice(META.length), value])),
  }
}

function checkRange({ ContentRange }: Answer, { offset, length }: Extent, doing: string): void {
  const [, from, to] = /^bytes (\d+)-(\d+)\//.exec(ContentRange ?? '') ?? []
  if (from === undefined || Number(from) !== offset) {
    throw new EfsError('FAILED', `${doing}: the server does not give the part that was asked for`)
  }
  if (Number(to) < offset + length - 1)
    throw new EfsError('NOT_FOUND', `${doing}: it ends before byte ${offset + length}`)
}

/** @throws UNREACHABLE where the stream ends early, or does not end */
function readAll(body: Readable, length: number, doing: string, options: GetOptions): Promise<Buffer> {
  const { headroom = 0, signal } = options
  const bytes = memoryFor(length, options)
  let filled = headroom
  return new Promise((resolve, reject) => {
    const onAbort = (): void => end(() => reject(signal?.reason))
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const cut = (why: string, cause?: unknown): void =>
      end(() => reject(new EfsError('UNREACHABLE', `${doing}: ${CUT} (${why})`, { hint: 'run again', cause })))
    signal?.addEventListener('abort', onAbort)
    body.on('data', (piece: Buffer) => {
      if (filled + piece.length > bytes.length) return cut('more bytes came than were told')
      filled += piece.copy(bytes, filled)
    })
    body.on('end', () =>
      filled === bytes.length ? end(() => resolve(bytes)) : cut(`${filled - headroom} of ${length} bytes came`),
    )
    body.on('error', (error) => cut(error.message, error))
    body.on('close', () => body.readableEnded || cut('the connection was closed'))
  })
}
