import type { ObjectStore } from '../../model/object-store.js'
import { openBucket, type S3Bucket, shown } from './bucket.js'
import type { S3Access } from './client.js'
import { mustDelete } from './deleting.js'
import { getObject } from './getting.js'
import { listKeys } from './listing.js'
import { putObject } from './putting.js'

/** Where objects are: a prefix ends in `/` or is empty. */
export interface S3Place {
  readonly access: S3Access
  readonly bucket: string
  readonly prefix: string
}

/** What a place in S3 is, whoever asks: two servers may have a bucket of one name. */
export const identityOf = ({ server }: S3Bucket, { bucket, prefix }: S3Place): string =>
  `s3:${server.replace(/\/+$/, '')}#${bucket}/${prefix}`

/** Objects below a prefix. Nothing is asked of the server yet. @throws USAGE where the endpoint is no URL */
export async function s3Store(place: S3Place): Promise<ObjectStore> {
  const { prefix } = place
  const bucket = await openBucket(place.access, place.bucket)
  const full = (key: string): string => prefix + key
  return {
    label: shown(bucket, prefix),
    identity: identityOf(bucket, place),

    async put(key, bytes, { signal } = {}) {
      await putObject(bucket, full(key), bytes, { ...(signal && { signal }) })
    },

    async get(key, range, { signal } = {}) {
      const { bytes } = await getObject(bucket, full(key), { ...(range && { range }), ...(signal && { signal }) })
      return bytes
    },

    async *list({ prefix: below = '', after, signal } = {}) {
      const options = { ...(after !== undefined && { after: full(after) }), ...(signal && { signal }) }
      for await (const page of listKeys(bucket, { prefix: full(below), ...options })) {
        yield page.map((row) => ({ ...row, key: row.key.slice(prefix.length) }))
      }
    },

    delete: (keys, options = {}) => mustDelete(bucket, keys.map(full), options),

    close: bucket.close,
  }
}
