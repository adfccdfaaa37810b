import { rowKind, rowStampTime, rowTips } from '../../format/rows-version.js'
import type { BucketUid } from '../../model/ids.js'
import type { PublishParts } from '../commit/publish-job.js'
import { type Removal, RemovalJob } from '../commit/removal-job.js'
import { type Removed, removeAll } from '../commit/remove-all.js'
import { keyOfHead, uidKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import { pagesUnder, type Tables } from '../index/tables.js'
import { rowsForRemoval } from '../index/version-rows.js'
import type { PassOptions } from './pass.js'

/**
 * Removes each key whose only tip is a delete of before `beforeMs` (milliseconds since 1970), with all its versions. From then on
 * nobody could tell that an older version from elsewhere was deleted, so a floor is set in every bucket first: it is parked.
 * What is still to come is not forgotten.
 */
export async function forgetDeletes(
  { context: { tables, clock }, committer }: PublishParts,
  beforeMs: number,
  options: PassOptions,
): Promise<Removed> {
  const floor = Math.min(beforeMs, clock.nowMs()) * 1000
  const uids = buckets(tables).map(({ uid }) => uid)
  if (!options.dryRun) {
    const floors = uids.map((uid) => new RemovalJob(tables, uid, [], floor))
    for (const job of floors) committer.submit(job)
    await Promise.all(floors.map(({ done }) => done))
  }
  let [keys, versions] = [0, 0]
  for (const uid of uids) {
    const removed = await removeAll(committer, uid, deletedBefore(tables, uid, floor), options)
    keys += removed.keys
    versions += removed.versions
  }
  return { keys, versions }
}

async function* deletedBefore(tables: Tables, bucket: BucketUid, floor: number): AsyncGenerator<Removal> {
  for await (const page of pagesUnder(tables.heads, uidKey(bucket))) {
    for (const { key, value } of page) {
      if (rowKind(value) !== 'deleted' || rowTips(value) > 1 || rowStampTime(value) >= floor) continue
      const object = keyOfHead(key)
      yield { key: object, rows: rowsForRemoval(tables, bucket, object) }
    }
  }
}
