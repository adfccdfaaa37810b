import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { compareKeys } from '../../model/key.js'
import type { StoredObject, StoreListOptions } from '../../model/object-store.js'
import { type S3Bucket, shown } from './bucket.js'
import { orFault } from './faults.js'

/**
 * Keys in the order of their UTF-8 bytes, a page at a time. Each page is asked for by the last key before it, so that
 * nothing of the server's own is remembered. `rows`: so many at most on a page.
 * @throws FAILED where pages are out of order, repeat, or are not whole; what makes a page fail
 */
export async function* listKeys(
  bucket: S3Bucket,
  { prefix = '', after, signal, rows = LIMITS.s3PageRowsMax }: StoreListOptions & { readonly rows?: number },
): AsyncGenerator<readonly StoredObject[]> {
  const doing = `cannot list ${shown(bucket, prefix)}`
  for (let last = after ?? ''; ; ) {
    const asked = new ListObjectsV2Command({
      Bucket: bucket.name,
      Prefix: prefix,
      EncodingType: 'url',
      MaxKeys: rows,
      ...(last !== '' && { StartAfter: last }),
    })
    const answer = await orFault(doing, signal, () =>
      bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
    )
    const page = rowsOf(answer, doing)
    for (const { key } of page) {
      if (!key.startsWith(prefix)) throw unsound(doing, `${key} does not start with ${prefix}`)
      if (compareKeys(key, last) <= 0) throw unsound(doing, `${key} came after ${last}`)
      last = key
    }
    if (page.length > 0) yield page
    else if (answer.IsTruncated) throw unsound(doing, 'a page was empty and not the last')
    if (!answer.IsTruncated) return
  }
}

function rowsOf({ Contents = [], KeyCount, EncodingType, IsTruncated }: ListObjectsV2CommandOutput, doing: string) {
  if (IsTruncated === undefined) throw unsound(doing, 'the answer does not say whether there is more')
  if (KeyCount !== undefined && KeyCount !== Contents.length) {
    throw unsound(doing, `the answer has ${Contents.length} keys and says ${KeyCount}`)
  }
  return Contents.map(({ Key, Size, ETag, LastModified }): StoredObject => {
    if (Key === undefined || Size === undefined || ETag === undefined || LastModified === undefined) {
      throw unsound(doing, 'an entry lacks its key, size, ETag or time')
    }
    const key = EncodingType === 'url' ? decoded(Key, doing) : Key
    return { key, size: Size, etag: bare(ETag), modifiedMs: LastModified.getTime() }
  })
}

/** Without its quotes. */
export const bare = (etag: string): string => etag.replaceAll('"', '')

export function decoded(key: string, doing: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch (cause) {
    throw new EfsError('FAILED', `${doing}: the key ${key} is not UTF-8`, { cause })
  }
}

export const unsound = (doing: string, why: string): EfsError =>
  new EfsError('FAILED', `${doing}: its listing is unsound: ${why}`, {
    hint: 'nothing was inferred from it; look at the server, or at what stands between',
  })
