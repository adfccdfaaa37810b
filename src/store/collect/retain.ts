import type { CollectOptions, CollectReport } from '../../model/segment.js'
import type { PublishParts } from '../commit/publish-job.js'
import { sweepDropped } from './dropped.js'
import { expireObjects } from './expire.js'
import { forgetDeletes } from './forget.js'
import { pruneObjects } from './prune.js'

/**
 * What a collection does first: versions and rows that are no longer wanted go, so that it finds what they alone needed. What
 * expires becomes a delete, which is a version too.
 */
export async function retain(
  parts: PublishParts,
  options: Pick<CollectOptions, 'dryRun' | 'forgetBeforeMs' | 'signal'>,
): Promise<Pick<CollectReport, 'expired' | 'pruned' | 'forgotten'>> {
  await sweepDropped(parts.context.tables, options)
  const expired = await expireObjects(parts, options)
  const { versions: pruned } = await pruneObjects(parts, options)
  const { forgetBeforeMs } = options
  const forgotten = forgetBeforeMs === undefined ? 0 : (await forgetDeletes(parts, forgetBeforeMs, options)).keys
  return { expired, pruned, forgotten }
}
