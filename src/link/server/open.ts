import { EfsError } from '../../base/errors.js'
import type { Guest, Rights } from '../../model/link.js'
import type { LiveBucket } from '../../model/live.js'
import type { BucketRef } from '../protocol/ops.js'

/** @throws NOT_FOUND also where the bucket of that name is not the one that was opened; REFUSED */
export async function openAt(guest: Guest, { path, uid }: BucketRef, need: keyof Rights | 'list'): Promise<LiveBucket> {
  const bucket = await guest.open(path, need)
  if (bucket.uid !== uid) throw new EfsError('NOT_FOUND', `${path} was deleted, and another bucket has its name`)
  return bucket
}
