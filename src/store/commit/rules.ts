import { LIMITS } from '../../base/limits.js'
import { type BucketUid, shortGuid } from '../../model/ids.js'
import { lineOf } from '../../model/names.js'
import { deleteAfterOf } from '../../model/retention.js'
import { inherited, NUMBER_OF_VERSIONS_DEFAULT, type Settings } from '../../model/settings.js'
import { uidKey } from '../index/keys.js'
import { nameAt } from '../index/name-rows.js'
import type { PlanContext } from './publish-plan.js'

/** What a bucket's settings, its own and inherited ones, say to who publishes in it. */
export interface Rules {
  /** As everybody can tell it who reads of it, at other segments too. */
  readonly bucket: string
  /** Versions of a line that are kept, its tip among them. */
  readonly keep: number
  /** Plain bytes of live objects; undefined: no limit. */
  readonly quotaBytes: number | undefined
  /** Live objects; undefined: no limit. */
  readonly quotaObjects: number | undefined
  /** After so many seconds an object is deleted; undefined: never. */
  readonly deleteAfterS: number | undefined
}

export const NO_RULES: Rules = {
  bucket: 'the bucket',
  keep: LIMITS.versionsOfKeyMax,
  quotaBytes: undefined,
  quotaObjects: undefined,
  deleteAfterS: undefined,
}

/** The bucket must be there. */
export function rulesOf({ tables, guid }: Pick<PlanContext, 'tables' | 'guid'>, bucket: BucketUid): Rules {
  const path = tables.uids.get(uidKey(bucket))?.toString()
  const line = path === undefined ? [] : lineOf(path).map((above): Settings => nameAt(tables, above)?.settings ?? {})
  const { numberOfVersions = NUMBER_OF_VERSIONS_DEFAULT, quota, quotaCount, options } = inherited(line)
  return {
    bucket: `${path} of segment ${shortGuid(guid)}`,
    keep: Math.min(numberOfVersions, LIMITS.versionsOfKeyMax),
    quotaBytes: quota,
    quotaObjects: quotaCount,
    deleteAfterS: deleteAfterOf(options),
  }
}
