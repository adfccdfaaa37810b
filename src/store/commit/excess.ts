import type { VersionRow } from '../../format/rows-version.js'
import type { BucketUid, VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { compareStamps, type Vector } from '../../model/manifest.js'
import { excessOf, type Kept } from '../../model/retention.js'
import { viewKey } from '../index/key-view.js'
import { headRow, oldestRows, otherRows } from '../index/version-rows.js'
import type { PlanContext } from './publish-plan.js'

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
  const { tips, older: candidates } = await linesOf(context, bucket, key, covered)
  return excessOf(joining === undefined ? tips : [...tips, joining], candidates, keep)
}

/** The same once `joining`, which others descend from, is there; undefined where it is itself one too many. */
export async function excessBehind(
  context: PlanContext,
  bucket: BucketUid,
  key: ObjectKey,
  keep: number,
  joining: Kept,
): Promise<VersionRow[] | undefined> {
  const head = headRow(context.tables, bucket, key)
  if (head === undefined || head.others + 2 - head.tips < keep) return []
  const { tips, older } = await linesOf(context, bucket, key, new Set())
  const gone = new Set(excessOf(tips, [...older, joining].sort(latestFirst), keep).map(({ id }) => id))
  return gone.has(joining.id) ? undefined : older.filter(({ id }) => gone.has(id))
}

type Seen = VersionRow & Kept

/** The tips that are not covered, and all other versions, the latest first. */
async function linesOf(
  context: PlanContext,
  bucket: BucketUid,
  key: ObjectKey,
  covered: ReadonlySet<VersionId>,
): Promise<{ readonly tips: Seen[]; readonly older: Seen[] }> {
  const head = headRow(context.tables, bucket, key)
  const all = head === undefined ? [] : [head, ...otherRows(context.tables, bucket, key)]
  const view = viewKey(context.tables, context.manifests, bucket, key)
  const isTip = ({ tip, id }: VersionRow): boolean => tip && !covered.has(id)
  const seen = await Promise.all(all.map(async (row) => ({ ...row, vector: await view.vector(row) })))
  return { tips: seen.filter(isTip), older: seen.filter((row) => !isTip(row)).sort(latestFirst) }
}

const latestFirst = (a: Kept, b: Kept): number => compareStamps(b.stamp, a.stamp)
