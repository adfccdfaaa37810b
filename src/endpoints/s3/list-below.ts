import { EfsError } from '../../base/errors.js'
import type { Listing, ListOptions } from '../../model/endpoint.js'
import type { VersionRef } from '../../model/version-ref.js'
import { type S3Bucket, shown } from './bucket.js'
import { headObject } from './putting.js'

/**
 * A listing of what is below a prefix.
 * @throws NOT_FOUND where that is nothing, because it is the name of an object: an empty source would not be what was meant
 */
export async function* listBelow(
  { bucket, prefix }: { readonly bucket: S3Bucket; readonly prefix: string },
  rows: Listing,
  { after, prefix: part, signal }: ListOptions,
): AsyncGenerator<readonly VersionRef[]> {
  let isEmpty = true
  for await (const page of rows) {
    isEmpty = false
    yield page
  }
  if (!isEmpty || prefix === '' || after !== undefined || part !== undefined) return
  const key = prefix.replace(/\/$/, '')
  if ((await headObject(bucket, key, signal ? { signal } : {})) === undefined) return
  throw new EfsError('NOT_FOUND', `nothing is below ${shown(bucket, prefix)}: ${shown(bucket, key)} is an object`, {
    hint: 'name the prefix that it is in',
  })
}
