import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { foldCells } from '../format/digest.js'
import { refOfRow, rowIsTip, rowTips } from '../format/rows-version.js'
import type { Done, PublishResult } from '../model/endpoint.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Version } from '../model/manifest.js'
import type { BucketCounters, PublishAs, VersionIndex } from '../model/segment.js'
import type { VersionRef } from '../model/version-ref.js'
import { createBaseline } from './baselines.js'
import { checkpointOf, retriesOf } from './checkpoints.js'
import { PublishJob, type PublishParts } from './commit/publish-job.js'
import { removeAll } from './commit/remove-all.js'
import { cellsOf, storedCells } from './index/cells.js'
import { headKey, versionsPrefix } from './index/keys.js'
import { rowsUnder, type Tables } from './index/tables.js'
import { bucketRow } from './index/transaction.js'
import { rowsForRemoval, versionRow } from './index/version-rows.js'
import { changesSince, positionOf } from './journal.js'
import { listHeads } from './listing.js'
import { inWords } from './store-error.js'

export function createVersionIndex(tables: Tables, parts: PublishParts): VersionIndex {
  const { committer } = parts

  async function publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]> {
    committer.throwPastFailure()
    const job = new PublishJob(parts, bucket, done, as)
    committer.submit(job)
    return job.results
  }

  async function expunge(bucket: BucketUid, keys: readonly ObjectKey[]): Promise<number> {
    committer.throwPastFailure()
    const whole = keys.map((key) => ({ key, rows: rowsForRemoval(tables, bucket, key) }))
    return (await removeAll(committer, bucket, whole, { dryRun: false })).versions
  }

  return {
    head(bucket, key) {
      const row = tables.heads.getBinaryFast(headKey(bucket, key))
      return row && refOfRow(key, row)
    },
    versions: (bucket, key) => allVersions(tables, bucket, key),
    tips: (bucket, key) => allTips(tables, bucket, key),
    holds: (bucket, { key, held }) => held !== undefined && versionRow(tables, bucket, key, held)?.id === held.id,
    list: (bucket, options) => listHeads(tables, bucket, options),
    manifests: (bucket, refs) => inWords(tables.home, () => readManifests(parts, bucket, refs)),
    publish: (bucket, done, as) => inWords(tables.home, () => publish(bucket, done, as)),
    expunge: (bucket, keys) => inWords(tables.home, () => expunge(bucket, keys)),
    position: (bucket) => positionOf(tables, bucket),
    changes: (bucket, since) => changesSince(tables, bucket, since),
    checkpoint: (bucket, name) => checkpointOf(tables, bucket, name),
    retries: (bucket, name, after) => retriesOf(tables, bucket, name, after, LIMITS.parcelObjectsMax),
    baseline: (bucket, name) => createBaseline(tables, committer, bucket, name),
    counters: (bucket) => countersOf(tables, bucket),
    digests: (bucket) => ({
      content: foldCells(cellsOf(storedCells(tables, bucket), 'content')),
      full: foldCells(cellsOf(storedCells(tables, bucket), 'full')),
    }),
    digestCells: (bucket, kind) => cellsOf(storedCells(tables, bucket), kind).map((cell) => cell.toString('hex')),
  }
}

function allVersions(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRef[] {
  const at = headKey(bucket, key)
  const head = tables.heads.get(at)
  const others = rowsUnder(tables.versions, versionsPrefix(at))
    .map(({ value }) => refOfRow(key, value))
    .reverse()
  return head === undefined ? others : [refOfRow(key, head), ...others]
}

function allTips(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRef[] {
  const at = headKey(bucket, key)
  const head = tables.heads.get(at)
  if (head === undefined) return []
  if (rowTips(head) === 1) return [refOfRow(key, head)]
  const others = rowsUnder(tables.versions, versionsPrefix(at))
    .filter(({ value }) => rowIsTip(value))
    .reverse()
  return [head, ...others.map(({ value }) => value)].map((row) => refOfRow(key, row))
}

async function readManifests(
  { context }: PublishParts,
  bucket: BucketUid,
  refs: readonly VersionRef[],
): Promise<Version[]> {
  const versions = refs.map(({ key, held }) => {
    if (held !== undefined) return { key, id: held.id, stamp: held.stamp }
    throw new EfsError('NOT_FOUND', `${key} is no version`)
  })
  return context.manifests.read(bucket, versions)
}

function countersOf(tables: Tables, bucket: BucketUid): BucketCounters {
  const { objects, bytes, folders, versions, deleted, conflicts } = bucketRow(tables, bucket)
  return { objects, bytes, folders, versions, deleted, conflicts }
}
