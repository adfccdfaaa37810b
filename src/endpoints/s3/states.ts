import {
  type DeleteMarkerEntry,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
} from '@aws-sdk/client-s3'
import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import { compareKeys } from '../../model/key.js'
import { type S3Bucket, shown } from './bucket.js'
import { orFault } from './faults.js'
import { bare, decoded, unsound } from './listing.js'

/** A version of S3, or a delete marker, which has no content. */
export interface StoredState {
  readonly key: string
  /** Its version id; `null` where it was written without versioning. */
  readonly name: string
  readonly content?: { readonly etag: string; readonly size: number }
  readonly modifiedMs: number
  readonly isLatest: boolean
}

/**
 * Versions and delete markers by key, the newest of a key first, a page at a time. `rows`: so many at most on a page.
 * @throws FAILED where pages are out of order, repeat, or are not whole; what makes a page fail
 */
export async function* listStates(
  bucket: S3Bucket,
  prefix: string,
  { signal, rows = LIMITS.s3PageRowsMax }: CallOptions & { readonly rows?: number },
): AsyncGenerator<readonly StoredState[]> {
  const doing = `cannot list the versions of ${shown(bucket, prefix)}`
  let last = { key: '', name: '' }
  for (;;) {
    const asked = new ListObjectVersionsCommand({
      Bucket: bucket.name,
      Prefix: prefix,
      EncodingType: 'url',
      MaxKeys: rows,
      ...(last.key !== '' && { KeyMarker: last.key, VersionIdMarker: last.name }),
    })
    const answer = await orFault(doing, signal, () =>
      bucket.client.send(asked, { ...(signal && { abortSignal: signal }) }),
    )
    const page = statesOf(answer, doing)
    for (const { key } of page) {
      if (!key.startsWith(prefix)) throw unsound(doing, `${key} does not start with ${prefix}`)
      if (compareKeys(key, last.key) < 0) throw unsound(doing, `${key} came after ${last.key}`)
    }
    if (page.length > 0) yield page
    if (!answer.IsTruncated) return
    // Servers differ in whether they escape the key that they tell, so it is taken from the rows.
    const next = { key: page.at(-1)?.key ?? '', name: answer.NextVersionIdMarker ?? '' }
    if (next.key === '' || (next.key === last.key && next.name === last.name)) {
      throw unsound(doing, 'a page does not go on after the one before')
    }
    last = next
  }
}

function statesOf(answer: ListObjectVersionsCommandOutput, doing: string): StoredState[] {
  const { Versions = [], DeleteMarkers = [], EncodingType, IsTruncated } = answer
  if (IsTruncated === undefined) throw unsound(doing, 'the answer does not say whether there is more')
  const isUrl = EncodingType === 'url'
  const states = [
    ...Versions.map((one) => ({ ...stateOf(one, isUrl, doing), content: contentOf(one, doing) })),
    ...DeleteMarkers.map((one) => stateOf(one, isUrl, doing)),
  ]
  return states.sort((a, b) => compareKeys(a.key, b.key) || newestFirst(a, b))
}

function stateOf({ Key, VersionId, IsLatest, LastModified }: DeleteMarkerEntry, isUrl: boolean, doing: string) {
  if (Key === undefined || VersionId === undefined || LastModified === undefined) {
    throw unsound(doing, 'an entry lacks its key, version or time')
  }
  const key = isUrl ? decoded(Key, doing) : Key
  return { key, name: VersionId, modifiedMs: LastModified.getTime(), isLatest: IsLatest === true }
}

function contentOf({ ETag, Size }: ObjectVersion, doing: string) {
  if (ETag === undefined || Size === undefined) throw unsound(doing, 'an entry lacks its ETag or size')
  return { etag: bare(ETag), size: Size }
}

/**
 * The SDK gives versions and markers apart, so their order is told by their times. Of the same time, which some servers tell
 * in whole seconds, a marker came after what it deletes.
 */
function newestFirst(a: StoredState, b: StoredState): number {
  if (a.isLatest !== b.isLatest) return a.isLatest ? -1 : 1
  return b.modifiedMs - a.modifiedMs || Number(a.content !== undefined) - Number(b.content !== undefined)
}
