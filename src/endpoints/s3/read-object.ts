import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import type { CallOptions, Done, Wanted } from '../../model/endpoint.js'
import type { Content } from '../../model/manifest.js'
import type { Stats } from '../../model/stats.js'
import { objectPrint } from '../../model/version-ref.js'
import type { S3Bucket } from './bucket.js'
import type { Denials } from './denials.js'
import { type Told, toldBy } from './dress.js'
import { hasCode, isOfNothing, isRejected } from './faults.js'
import type { Got } from './getting.js'
import { bare } from './listing.js'
import { tagsOf } from './tags.js'

export interface ReadFrom {
  readonly bucket: S3Bucket
  readonly prefix: string
  readonly clock: Clock
  readonly stats: Stats
  readonly denials: Denials
}

export const changed = (): EfsError => new EfsError('CONFLICT', 'changed while it was read')

/**
 * The error where only this object cannot be had.
 * @throws the error, where it is no matter of this object; REFUSED where too many were denied
 */
export function lossOf(error: unknown, { denials }: Pick<ReadFrom, 'denials'>, key: string): EfsError {
  if (isRejected(error)) {
    denials.deny(key, error)
    return error
  }
  if (isOfNothing(error)) return new EfsError('NOT_FOUND', 'deleted before it was read', { cause: error })
  if (hasCode(error, 'NOT_FOUND') || hasCode(error, 'CONFLICT') || hasCode(error, 'CORRUPT')) return error
  throw error
}

export const printOf = ({ clock }: Pick<ReadFrom, 'clock'>, { answer, bytes }: Got, size = bytes.length) =>
  objectPrint(bare(answer.ETag ?? ''), size, answer.LastModified?.getTime() ?? 0, clock.nowMs())

export const doneOf = ({ object, here, there, parents }: Wanted, content: Content, seen: Done['seen']): Done => ({
  object,
  key: here.key,
  content,
  ...(there && { there }),
  ...(parents && { parents }),
  ...(seen && { seen }),
})

/** @throws CORRUPT where the bytes are not those that efs wrote */
export function checkHash(contentHash: string, told: Told): void {
  if (told.contentHash === undefined || told.contentHash === contentHash) return
  throw new EfsError('CORRUPT', 'its bytes are not those that were written with it (x-amz-meta-efs-blake3)')
}

/** Tags are asked for only where there are some. */
export async function toldOf(
  { bucket, prefix }: ReadFrom,
  { here, state }: Wanted,
  answer: Got['answer'],
  options: CallOptions,
): Promise<Told> {
  if (!answer.TagCount) return toldBy(answer)
  return toldBy(answer, await tagsOf(bucket, { key: prefix + here.key, version: state }, options))
}
