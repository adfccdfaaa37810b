import { rm } from 'node:fs/promises'
import path from 'node:path'
import { systemClock } from '../../src/base/clock.js'
import type { LogRecord } from '../../src/format/log.js'
import type { BucketUid, VersionId } from '../../src/model/ids.js'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import type { Named } from '../../src/model/name-space.js'
import type { Finding, RebuildReport, Segment } from '../../src/model/segment.js'
import { Committer } from '../../src/store/commit/committer.js'
import { ChunkIndex } from '../../src/store/index/chunk-rows.js'
import { openTables } from '../../src/store/index/tables.js'
import type { IndexTransaction } from '../../src/store/index/transaction.js'
import { otherRows, pruneVersions } from '../../src/store/index/version-rows.js'
import { PackWriter } from '../../src/store/packs/writer.js'
import { rebuildIndex } from '../../src/store/rebuild/rebuild.js'
import { withSegment } from '../../src/store/segment.js'
import { collected } from '../contracts/samples.js'

const options = { clock: systemClock }

export const indexOf = (where: string): string => path.join(where, 'index.mdb')

/** Everything that a segment tells of what it holds, apart from positions. */
export async function told(segment: Segment): Promise<unknown> {
  const named: Named[] = []
  const walk = (parent: string): void => {
    for (const child of segment.names.children(parent)) {
      named.push(child)
      walk(child.path)
    }
  }
  walk('')
  const buckets = named.filter(({ kind }) => kind === 'bucket').map(({ uid }) => uid)
  return { named, buckets: await Promise.all(buckets.map((uid) => toldOf(segment, uid))) }
}

async function toldOf({ versions }: Segment, uid: BucketUid): Promise<unknown> {
  const heads = await collected(versions.list(uid, { deleted: true }))
  return {
    heads,
    versions: heads.map(({ key }) => versions.versions(uid, key)),
    counters: versions.counters(uid),
    digests: versions.digests(uid),
  }
}

export const toldAt = (where: string): Promise<unknown> => withSegment(where, options, told)

/** Makes the index anew and gives what that came upon. */
export async function rebuilt(where: string): Promise<{ findings: Finding[]; report: RebuildReport }> {
  const findings: Finding[] = []
  const tell = async (finding: Finding): Promise<void> => {
    findings.push(finding)
  }
  const report = await rebuildIndex(where, { ...options, tell })
  return { findings, report }
}

export const forgetIndex = async (where: string): Promise<void> => {
  for (const file of [indexOf(where), `${indexOf(where)}-lock`]) await rm(file, { force: true })
}

/** Commits log records, and what they mean for the index, as retention and collection do. */
export async function commit(
  where: string,
  guid: Segment['guid'],
  records: readonly LogRecord[],
  apply: (tx: IndexTransaction) => void,
): Promise<void> {
  const tables = openTables(where, indexOf(where))
  const writer = new PackWriter(tables, guid)
  const committer = new Committer({ tables, chunks: new ChunkIndex(tables), writer, ...options })
  await new Promise<void>((resolve, reject) => {
    committer.submit({
      prepare: async (group) => {
        for (const record of records) group.record(record)
      },
      apply,
      settle: () => {
        resolve()
        return 'done'
      },
      fail: (error) => {
        reject(error)
        return true
      },
    })
  })
  await writer.close()
  await tables.close()
}

/** Which versions a segment holds of a key, the head first. */
export const idsOf = ({ versions }: Segment, bucket: BucketUid, key: string): VersionId[] =>
  versions.versions(bucket, objectKey(key)).flatMap(({ held }) => held?.id ?? [])

/** Removes the earliest of the versions that others descend from, as retention does. */
export async function prune(where: string, segment: Segment, bucket: BucketUid, key: ObjectKey): Promise<void> {
  const tables = openTables(where, indexOf(where))
  const [row] = otherRows(tables, bucket, key).filter(({ tip }) => !tip)
  await tables.close()
  if (row === undefined) return
  const entries = [{ key, id: row.id, at: { pack: row.manifest.pack, offset: row.manifest.offset } }]
  await commit(where, segment.guid, [{ kind: 'remove', bucket, entries }], (tx) =>
    pruneVersions(tx, bucket, key, [row]),
  )
}
