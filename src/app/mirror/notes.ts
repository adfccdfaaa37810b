import type { BucketUid } from '../../model/ids.js'
import { isFolderKey, type ObjectKey } from '../../model/key.js'
import type { Retry } from '../../model/live.js'
import type { VersionIndex } from '../../model/segment.js'
import { retryPages } from '../../transfer/live/retries.js'

/** Under which the bucket keeps how far a directory or a place in S3 has it, and what could not be given to it. */
export const mirrorName = (place: string): string => `mirror:${place}`

/** Under which the bucket keeps what of such a place could not be taken in. */
export const takenName = (place: string): string => `taken:${place}`

/** Whether the other side may be made where it is not there: it is written to, and never was there. */
export const mayBeMade = (versions: VersionIndex, bucket: BucketUid, place: string, sends: boolean): boolean =>
  sends && versions.checkpoint(bucket, mirrorName(place)) === undefined

/** What was left out under such a name, in key order. */
export const leftOut = (versions: VersionIndex, bucket: BucketUid, name: string): AsyncGenerator<readonly Retry[]> =>
  retryPages({ retries: async (_, after) => versions.retries(bucket, name, after) }, name, {})

/** Something held up. What could not be taken in has no time of its own: it is looked at when it changes, and when all is. */
export type Held = Omit<Retry, 'nextMs'> & { readonly nextMs: number | null }

export const heldFromThere = (retry: Retry): Held => ({ ...retry, nextMs: null })

/** Whether it holds an object up on its way from there: that object, or a folder that it is in. */
export const holds = ({ key: held }: Held, key: ObjectKey): boolean =>
  held === key || (isFolderKey(held) && key.startsWith(held))

/** What holds an object up on its way to such a place. */
export const heldUpThere = (
  versions: VersionIndex,
  bucket: BucketUid,
  place: string,
  key: ObjectKey,
): Promise<Held | undefined> => firstIn(versions, bucket, mirrorName(place), (retry) => retry.key === key)

/** What holds an object up on its way from there, or a folder that it is in. */
export async function heldUpHere(
  versions: VersionIndex,
  bucket: BucketUid,
  place: string,
  key: ObjectKey,
): Promise<Held | undefined> {
  const found = await firstIn(versions, bucket, takenName(place), (retry) => holds(retry, key))
  if (found === undefined) return undefined
  return { ...heldFromThere(found), why: found.key === key ? found.why : `${found.key}: ${found.why}` }
}

async function firstIn(
  versions: VersionIndex,
  bucket: BucketUid,
  name: string,
  isMeant: (retry: Retry) => boolean,
): Promise<Retry | undefined> {
  for await (const page of leftOut(versions, bucket, name)) {
    const found = page.find(isMeant)
    if (found !== undefined) return found
  }
  return undefined
}
