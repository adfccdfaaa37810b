import { LIMITS } from '../../base/limits.js'
import type { BucketUid } from '../../model/ids.js'
import type { PassOptions } from '../collect/pass.js'
import type { Committer } from './committer.js'
import { type Removal, RemovalJob } from './removal-job.js'

/** What was removed, or would be. */
export interface Removed {
  readonly keys: number
  readonly versions: number
}

/** Removes versions for good, those of one key in the order given, in commits of a bounded size. */
export async function removeAll(
  committer: Committer,
  bucket: BucketUid,
  removals: AsyncIterable<Removal> | Iterable<Removal>,
  { dryRun, signal }: PassOptions,
): Promise<Removed> {
  let [keys, versions, waiting] = [0, 0, 0]
  let batch: Removal[] = []
  const flush = async (): Promise<void> => {
    const job = new RemovalJob(committer.parts.tables, bucket, batch)
    batch = []
    waiting = 0
    committer.submit(job)
    await job.done
  }
  for await (const { key, rows } of removals) {
    signal?.throwIfAborted()
    keys += rows.length > 0 ? 1 : 0
    versions += rows.length
    for (let from = 0; !dryRun && from < rows.length; from += LIMITS.commitVersionsMax) {
      const part = rows.slice(from, from + LIMITS.commitVersionsMax)
      batch.push({ key, rows: part })
      waiting += part.length
      if (waiting >= LIMITS.commitVersionsMax) await flush()
    }
  }
  if (batch.length > 0) await flush()
  return { keys, versions }
}
