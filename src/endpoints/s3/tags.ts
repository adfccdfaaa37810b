import { GetObjectTaggingCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3'
import type { CallOptions } from '../../model/endpoint.js'
import { type S3Bucket, shown } from './bucket.js'
import { orFault } from './faults.js'

/** An object's tags, as in a query: `a=1&b=2`. */
export async function tagsOf(
  bucket: S3Bucket,
  { key, version }: { readonly key: string; readonly version: string | undefined },
  { signal }: CallOptions,
): Promise<string> {
  const asked = new GetObjectTaggingCommand({ Bucket: bucket.name, Key: key, VersionId: version })
  const { TagSet = [] } = await orFault(`cannot read the tags of ${shown(bucket, key)}`, signal, () =>
    bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
  )
  return TagSet.map(({ Key = '', Value = '' }) => `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`).join('&')
}

export async function putTags(bucket: S3Bucket, key: string, tagging: string, { signal }: CallOptions): Promise<void> {
  const TagSet = [...new URLSearchParams(tagging)].map(([Key, Value]) => ({ Key, Value }))
  const asked = new PutObjectTaggingCommand({ Bucket: bucket.name, Key: key, Tagging: { TagSet } })
  await orFault(`cannot write the tags of ${shown(bucket, key)}`, signal, () =>
    bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
  )
}
