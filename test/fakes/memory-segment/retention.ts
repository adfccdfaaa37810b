import { DELETION } from '../../../src/model/manifest.js'
import { deleteAfterOf, expiryMs } from '../../../src/model/retention.js'
import type { CollectReport } from '../../../src/model/segment.js'
import type { VersionRef } from '../../../src/model/version-ref.js'
import type { Bucket } from './bucket.js'
import type { MemoryVersions } from './versions.js'

/** What a collection does to versions. Deletes of before `forgetBeforeMs` are forgotten. */
export function retain(
  versions: MemoryVersions,
  forgetBeforeMs: number | undefined,
): Pick<CollectReport, 'expired' | 'pruned' | 'forgotten'> {
  const { buckets, clock } = versions.parts
  const expired = [...buckets].flatMap(([uid, bucket]) => {
    const due = bucket.heads().filter((head) => isDue(bucket, head, clock.nowMs()))
    const deletes = due.map((there, object) => ({ object, key: there.key, content: DELETION, there }))
    return versions.write(uid, deletes, { overwrite: true, ifUnchanged: true })
  })
  const all = [...buckets.values()]
  const pruned = all.flatMap((bucket) => [...bucket.keys.under('')].map(([key]) => bucket.prune(key)))
  const floor = Math.min(forgetBeforeMs ?? 0, clock.nowMs()) * 1000
  const forgotten = all.map((bucket) => bucket.forget(floor))
  return {
    expired: expired.filter(({ status }) => status === 'published').length,
    pruned: sum(pruned),
    forgotten: sum(forgotten),
  }
}

function isDue(bucket: Bucket, { key, kind, held }: VersionRef, nowMs: number): boolean {
  const own = bucket.versions(key).find(({ id }) => id === held?.id)?.manifest.attributes.user
  const afterS = deleteAfterOf(own) ?? deleteAfterOf(bucket.settings().options)
  const mayExpire = kind === 'file' || kind === 'link'
  return mayExpire && held !== undefined && afterS !== undefined && expiryMs(held.stamp.time, afterS) <= nowMs
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
