import type { BucketUid } from '../../model/ids.js'
import type { LiveSink, Retry } from '../../model/live.js'
import type { VersionIndex } from '../../model/segment.js'
import { allRetries, retryPages } from '../../transfer/live/retries.js'

/** Under which the bucket keeps how far a directory or a place in S3 has it, and what could not be given to it. */
export const mirrorName = (place: string): string => `mirror:${place}`

/** Under which the bucket keeps what of such a place could not be taken in. */
export const takenName = (place: string): string => `taken:${place}`

/** Whether the other side may be made where it is not there: it is written to, and never was there. */
export const mayBeMade = (versions: VersionIndex, bucket: BucketUid, place: string, sends: boolean): boolean =>
  sends && versions.checkpoint(bucket, mirrorName(place)) === undefined

/** What was left out under such a name, in key order. */
export const leftOut = (versions: VersionIndex, bucket: BucketUid, name: string): AsyncGenerator<readonly Retry[]> =>
  retryPages(listsOf(versions, bucket), name, {})

/** The same at once. */
export const allLeftOut = (versions: VersionIndex, bucket: BucketUid, name: string): Promise<readonly Retry[]> =>
  allRetries(listsOf(versions, bucket), name, {})

const listsOf = (versions: VersionIndex, bucket: BucketUid): Pick<LiveSink, 'retries'> => ({
  retries: async (name, after) => versions.retries(bucket, name, after),
})
