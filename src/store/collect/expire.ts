import { decodeVersionRow, refOfRow, rowHasUserAttributes, rowKind, rowStampTime } from '../../format/rows-version.js'
import type { Done } from '../../model/endpoint.js'
import type { BucketUid } from '../../model/ids.js'
import { DELETION } from '../../model/manifest.js'
import { deleteAfterOf, expiryMs } from '../../model/retention.js'
import { PublishJob, type PublishParts } from '../commit/publish-job.js'
import type { PlanContext } from '../commit/publish-plan.js'
import { rulesOf } from '../commit/rules.js'
import { viewKey } from '../index/key-view.js'
import { keyOfHead, uidKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import type { Row } from '../index/table.js'
import { pagesUnder } from '../index/tables.js'
import type { PassOptions } from './pass.js'

/**
 * Deletes the objects whose time has come: so many seconds after the head was written as the object's own `Delete-After` says,
 * else the bucket's. One that was written again meanwhile stays. Gives how many that were.
 */
export async function expireObjects(parts: PublishParts, { dryRun, signal }: PassOptions): Promise<number> {
  const { tables } = parts.context
  let expired = 0
  for (const { uid } of buckets(tables)) {
    for await (const page of pagesUnder(tables.heads, uidKey(uid))) {
      signal?.throwIfAborted()
      const due = await dueOf(parts.context, uid, page)
      expired += dryRun ? due.length : await deleteAll(parts, uid, due)
    }
  }
  return expired
}

/** Folders do not expire. Only of those that have options of their own is the manifest read. */
async function dueOf(context: PlanContext, bucket: BucketUid, page: readonly Row[]): Promise<Row[]> {
  const { deleteAfterS } = rulesOf(context, bucket)
  const nowMs = context.clock.nowMs()
  const live = page.filter(({ value }) => rowKind(value) === 'file' || rowKind(value) === 'link')
  const own = await Promise.all(live.map((row) => ownDeleteAfter(context, bucket, row)))
  return live.filter(({ value }, i) => {
    const afterS = own[i] ?? deleteAfterS
    return afterS !== undefined && expiryMs(rowStampTime(value), afterS) <= nowMs
  })
}

async function ownDeleteAfter(
  { tables, manifests }: PlanContext,
  bucket: BucketUid,
  { key, value }: Row,
): Promise<number | undefined> {
  if (!rowHasUserAttributes(value)) return undefined
  const manifest = await viewKey(tables, manifests, bucket, keyOfHead(key)).manifest(decodeVersionRow(value))
  return deleteAfterOf(manifest?.attributes.user)
}

async function deleteAll(parts: PublishParts, bucket: BucketUid, due: readonly Row[]): Promise<number> {
  if (due.length === 0) return 0
  const deletes = due.map(({ key, value }, object): Done => {
    const at = keyOfHead(key)
    return { object, key: at, content: DELETION, there: refOfRow(at, value) }
  })
  const job = new PublishJob(parts, bucket, deletes, { overwrite: true, ifUnchanged: true })
  parts.committer.submit(job)
  return (await job.results).filter(({ status }) => status === 'published').length
}
