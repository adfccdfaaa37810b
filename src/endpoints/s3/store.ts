import { EfsError } from '../../base/errors.js'
import type { ObjectStore } from '../../model/object-store.js'
import { openBucket, type S3Bucket, shown } from './bucket.js'
import type { S3Access } from './client.js'
import { hasConditions } from './conditions.js'
import { mustDelete } from './deleting.js'
import { hasCode } from './faults.js'
import { getObject } from './getting.js'
import { listKeys } from './listing.js'
import { headObject, putObject } from './putting.js'

/** Where objects are: a prefix ends in `/` or is empty. */
export interface S3Place {
  readonly access: S3Access
  readonly bucket: string
  readonly prefix: string
}

/** What a place in S3 is, whoever asks: two servers may have a bucket of one name. */
export async function identityOf({ client }: S3Bucket, { access, bucket, prefix }: S3Place): Promise<string> {
  // What a profile names; Amazon's own buckets have their names for themselves.
  const server = access.endpoint ?? (await client.config.serviceConfiguredEndpoint?.()) ?? ''
  return `s3:${server.replace(/\/+$/, '')}#${bucket}/${prefix}`
}

/** Objects below a prefix. Nothing is asked of the server yet. @throws USAGE where the endpoint is no URL */
export async function s3Store(place: S3Place): Promise<ObjectStore> {
  const { prefix } = place
  const bucket = await openBucket(place.access, place.bucket)
  const full = (key: string): string => prefix + key
  let conditions: Promise<boolean> | undefined
  return {
    label: shown(bucket, prefix),
    identity: await identityOf(bucket, place),

    async put(key, bytes, { ifAbsent, signal } = {}) {
      const options = { ...(signal && { signal }) }
      if (!ifAbsent) return void (await putObject(bucket, full(key), bytes, options))
      conditions ??= hasConditions(bucket, prefix, {}).catch((error: unknown) => {
        conditions = undefined
        throw error
      })
      if (!(await conditions) && (await headObject(bucket, full(key), options))) throw exists(shown(bucket, full(key)))
      try {
        await putObject(bucket, full(key), bytes, { only: { absent: true }, ...options })
      } catch (error) {
        throw hasCode(error, 'CONFLICT') ? exists(shown(bucket, full(key)), error) : error
      }
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

const exists = (what: string, cause?: unknown): EfsError =>
  new EfsError('EXISTS', `${what} is there already`, { hint: 'somebody wrote it meanwhile', cause })
