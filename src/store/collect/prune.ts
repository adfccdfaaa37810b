import { rowOthers } from '../../format/rows-version.js'
import type { BucketUid } from '../../model/ids.js'
import { excessRows } from '../commit/excess.js'
import type { PublishParts } from '../commit/publish-job.js'
import type { PlanContext } from '../commit/publish-plan.js'
import type { Removal } from '../commit/removal-job.js'
import { type Removed, removeAll } from '../commit/remove-all.js'
import { rulesOf } from '../commit/rules.js'
import { keyOfHead, uidKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import { pagesUnder } from '../index/tables.js'
import type { PassOptions } from './pass.js'

/** Removes what `number-of-versions`, as it is set now, no longer keeps: publishing looks only at the keys that it writes to. */
export async function pruneObjects({ context, committer }: PublishParts, options: PassOptions): Promise<Removed> {
  let [keys, versions] = [0, 0]
  for (const { uid } of buckets(context.tables)) {
    const removed = await removeAll(committer, uid, tooMany(context, uid), options)
    keys += removed.keys
    versions += removed.versions
  }
  return { keys, versions }
}

async function* tooMany(context: PlanContext, bucket: BucketUid): AsyncGenerator<Removal> {
  for await (const page of pagesUnder(context.tables.heads, uidKey(bucket))) {
    const { keep } = rulesOf(context, bucket)
    for (const { key, value } of page) {
      if (rowOthers(value) < keep) continue
      const object = keyOfHead(key)
      const rows = await excessRows(context, bucket, object, keep)
      if (rows.length > 0) yield { key: object, rows }
    }
  }
}
