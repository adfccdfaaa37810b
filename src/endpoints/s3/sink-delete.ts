import type { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import { isFolderKey } from '../../model/key.js'
import type { S3Bucket } from './bucket.js'
import { type Doomed, deleteObjects } from './deleting.js'
import { hasCode, isBusy, isRejected } from './faults.js'
import { headObject } from './putting.js'
import { BUSY, conflictWith, KNOWN, PUBLISHED, parkedFor } from './sink-write.js'

interface DeleteFrom {
  readonly bucket: S3Bucket
  readonly prefix: string
}

/** An error: the server does not delete that one. */
export type Deleted = PublishResult | EfsError

/**
 * Deletes what is still what the plan saw. Each is looked at, and deleted only with the ETag that it had then. Not every server keeps that condition,
 * so they go in small groups: little time passes between.
 */
export async function deleteSeen(
  from: DeleteFrom,
  deletes: readonly Done[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Done, Deleted>> {
  const results = new Map<Done, Deleted>()
  await forEachBounded(groupsOf(deletes), LIMITS.s3DeleteGroupsAtOnce, signal, async (group, either) => {
    for (const [one, result] of await deleteGroup(from, group, either)) results.set(one, result)
  })
  return results
}

async function deleteGroup(
  from: DeleteFrom,
  group: readonly Done[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Done, Deleted>> {
  const results = new Map<Done, Deleted>()
  const doomed = new Map<Done, Doomed>()
  await forEachBounded(group, LIMITS.s3RequestsMax, signal, async (one, either) => {
    const found = await look(from, one, either)
    if ('key' in found) doomed.set(one, found)
    else results.set(one, found)
  })
  const rejected = await deleteObjects(from.bucket, [...doomed.values()], { signal })
  for (const [one, { key }] of doomed) {
    const error = rejected.get(key)
    const isRefused = error !== undefined && hasCode(error, 'CONFLICT')
    results.set(one, isRefused ? await refused(from, one, error, signal) : (error ?? PUBLISHED))
  }
  return results
}

/** What is to be deleted, or what becomes of it. A folder without a marker goes with what is in it. */
async function look({ bucket, prefix }: DeleteFrom, one: Done, signal: AbortSignal): Promise<Doomed | Deleted> {
  if (isFolderKey(one.key) && one.there?.seen === undefined) return KNOWN
  const key = prefix + one.key
  try {
    const now = await headObject(bucket, key, { signal })
    if (now === undefined) return KNOWN
    const conflict = conflictWith(one, now)
    return conflict === undefined ? { key, etag: now.etag } : parkedFor(conflict)
  } catch (error) {
    if (!isRejected(error)) throw error
    return error
  }
}

/** Of a condition that did not hold; or of one that does, which some servers refuse as well: then that is of no use there. */
async function refused(from: DeleteFrom, one: Done, why: EfsError, signal: AbortSignal): Promise<Deleted> {
  const found = await look(from, one, signal)
  if (!('key' in found)) return found
  if (isBusy(why)) return parkedFor(BUSY)
  const { key } = found
  return (await deleteObjects(from.bucket, [{ key }], { signal })).get(key) ?? PUBLISHED
}

async function* groupsOf(deletes: readonly Done[]): AsyncGenerator<readonly Done[]> {
  const most = LIMITS.s3DeletesSeenMax
  for (let at = 0; at < deletes.length; at += most) yield deletes.slice(at, at + most)
}
