import type { VersionRow } from '../format/rows-version.js'
import type { BucketUid, VersionId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { compareStamps, type Vector } from '../model/manifest.js'
import { excessOf } from '../model/retention.js'
import { viewKey } from './key-view.js'
import type { PlanContext } from './publish-plan.js'
import { headRow, oldestRows, otherRows } from './version-rows.js'

/** A version that joins those of its key. */
export interface Joining {
  readonly vector: Vector
  /** The tips that it descends from. */
  readonly covered: ReadonlySet<VersionId>
}

/**
 * The versions of a key that are too many where `keep` of a line are kept; with `joining`, once that one is a tip. In the usual
 * case, one line, no manifest is read.
 */
export async function excessRows(
  context: PlanContext,
  bucket: BucketUid,
  key: ObjectKey,
  keep: number,
  joining?: Joining,
): Promise<VersionRow[]> {
  const head = headRow(context.tables, bucket, key)
  if (head === undefined) return []
  const covered = joining?.covered ?? new Set()
  const older = head.others + 1 - (head.tips - covered.size)
  if (older < keep) return []
  if (head.tips === covered.size || (joining === undefined && head.tips === 1)) {
    const rows = oldestRows(context.tables, bucket, key, older - (keep - 1))
    return rows.length < older - (keep - 1) ? [...rows, head] : rows
  }
  const all = [head, ...otherRows(context.tables, bucket, key).reverse()]
  const view = viewKey(context.tables, context.manifests, bucket, key)
  const isTip = ({ tip, id }: VersionRow): boolean => tip && !covered.has(id)
  const seen = await Promise.all(all.map(async (row) => ({ ...row, vector: await view.vector(row) })))
  const tips = [...seen.filter(isTip), ...(joining === undefined ? [] : [joining])]
  const candidates = seen.filter((row) => !isTip(row)).sort((a, b) => compareStamps(b.stamp, a.stamp))
  return excessOf(tips, candidates, keep)
}
