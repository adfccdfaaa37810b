import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { SameExtent } from '../../model/extent.js'
import { type S3Bucket, shown } from './bucket.js'
import { hasCode, orFault } from './faults.js'
import { bare } from './listing.js'
import {
  conditionOf,
  type Dress,
  dressed,
  dressOf,
  type Head,
  headObject,
  type PutRequest,
  putQuickly,
} from './putting.js'
import { encoded } from './quick.js'

/** An upload in parts, of which some may be there from an earlier run. */
export interface Upload {
  readonly bucket: S3Bucket
  readonly key: string
  readonly id: string
  /** Bytes and ETags of the parts that are there, by number from 1. */
  readonly parts: Map<number, { readonly size: number; readonly etag: string }>
}

export async function createUpload(bucket: S3Bucket, key: string, dress: Dress, options: CallOptions): Promise<Upload> {
  const { UploadId } = await dressed(`cannot write ${shown(bucket, key)}`, dress, (taken) => {
    const asked = new CreateMultipartUploadCommand({ Bucket: bucket.name, Key: key, ...dressOf(taken) })
    return sent(bucket, key, options, (how) => bucket.client.send(asked, how))
  })
  if (UploadId === undefined) throw new EfsError('FAILED', `cannot write ${shown(bucket, key)}: its upload has no id`)
  return { bucket, key, id: UploadId, parts: new Map() }
}

/** One that was begun earlier, with its parts; undefined where it is gone. */
export async function resumeUpload(
  bucket: S3Bucket,
  key: string,
  id: string,
  options: CallOptions,
): Promise<Upload | undefined> {
  const upload: Upload = { bucket, key, id, parts: new Map() }
  try {
    for (let marker: string | undefined; ; ) {
      const more = marker === undefined ? {} : { PartNumberMarker: marker }
      const asked = new ListPartsCommand({ Bucket: bucket.name, Key: key, UploadId: id, ...more })
      const page = await sent(bucket, key, options, (how) => bucket.client.send(asked, how))
      for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
        if (PartNumber !== undefined && Size !== undefined && ETag !== undefined)
          upload.parts.set(PartNumber, { size: Size, etag: bare(ETag) })
      }
      if (!page.IsTruncated || page.NextPartNumberMarker === marker) return upload
      marker = page.NextPartNumberMarker
    }
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** Sends a part, unless it is there. */
export async function sendPart(upload: Upload, number: number, bytes: Uint8Array, options: CallOptions): Promise<void> {
  const { bucket, parts } = upload
  if (parts.get(number)?.size === bytes.length) return
  const etag = await bucket.digests.covering(bytes, (md5) => sendOnce(upload, number, bytes, { ...options, md5 }))
  parts.set(number, { size: bytes.length, etag })
}

async function sendOnce(
  { bucket, key, id }: Upload,
  number: number,
  bytes: Uint8Array,
  { md5, ...options }: CallOptions & { readonly md5: string | undefined },
): Promise<string> {
  const query = { partNumber: String(number), uploadId: id }
  const quickly = await putQuickly(bucket, { key, query, headers: { 'content-md5': md5 }, body: bytes, ...options })
  if (quickly !== undefined) return quickly
  const asked = new UploadPartCommand({
    Bucket: bucket.name,
    Key: key,
    UploadId: id,
    PartNumber: number,
    Body: bytes,
    ContentLength: bytes.length,
    ContentMD5: md5,
  })
  const { ETag } = await sent(bucket, key, options, (how) => bucket.client.send(asked, how))
  if (ETag === undefined) throw new EfsError('FAILED', `cannot write ${shown(bucket, key)}: a part has no ETag`)
  return bare(ETag)
}

/** The state of an object that parts are copied from. */
export type Origin = Pick<Head, 'etag' | 'version'>

/**
 * Has the server copy a part from a state of the object under the same key, unless it is there. Ceph does not look at the ETag, so that only a
 * version makes it sure there.
 * @throws CONFLICT where it is in another state, on most servers
 */
export async function copyPart(
  { bucket, key, id, parts }: Upload,
  number: number,
  { from, length }: SameExtent,
  { etag, version }: Origin,
  options: CallOptions,
): Promise<void> {
  if (parts.get(number)?.size === length) return
  const asked = new UploadPartCopyCommand({
    Bucket: bucket.name,
    Key: key,
    UploadId: id,
    PartNumber: number,
    CopySource: encoded(`${bucket.name}/${key}`) + (version === undefined ? '' : `?versionId=${version}`),
    CopySourceIfMatch: etag,
    CopySourceRange: `bytes=${from}-${from + length - 1}`,
  })
  const { CopyPartResult } = await sent(bucket, key, options, (how) => bucket.client.send(asked, how))
  const made = CopyPartResult?.ETag
  if (made === undefined) throw new EfsError('FAILED', `cannot write ${shown(bucket, key)}: a copied part has no ETag`)
  parts.set(number, { size: length, etag: bare(made) })
}

/** Makes the object of parts 1 to `count`, and gives its ETag, which not every server tells with it. @throws CONFLICT where `only` does not hold */
export async function completeUpload(
  { bucket, key, id, parts }: Upload,
  count: number,
  { only, ...options }: PutRequest,
): Promise<string> {
  const Parts = Array.from({ length: count }, (_, i): CompletedPart => {
    const part = parts.get(i + 1)
    if (part === undefined) throw new Error(`part ${i + 1} was not sent`)
    return { PartNumber: i + 1, ETag: `"${part.etag}"` }
  })
  const asked = new CompleteMultipartUploadCommand({
    Bucket: bucket.name,
    Key: key,
    UploadId: id,
    MultipartUpload: { Parts },
    ...conditionOf(only),
  })
  const { ETag } = await sent(bucket, key, options, (how) => bucket.client.send(asked, how))
  if (ETag) return bare(ETag)
  const made = await headObject(bucket, key, options)
  if (made === undefined) throw new EfsError('FAILED', `cannot write ${shown(bucket, key)}: it is not there`)
  return made.etag
}

/** One that is gone already is no error. */
export async function abortUpload(bucket: S3Bucket, key: string, id: string, options: CallOptions): Promise<void> {
  const asked = new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId: id })
  try {
    await sent(bucket, key, options, (how) => bucket.client.send(asked, how))
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND')) throw error
  }
}

const sent = <T>(
  bucket: S3Bucket,
  key: string,
  { signal }: CallOptions,
  call: (how: { abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> =>
  orFault(`cannot write ${shown(bucket, key)}`, signal, () => call(signal ? { abortSignal: signal } : {}))
