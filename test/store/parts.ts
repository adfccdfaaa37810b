import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { Done, PublishResult } from '../../src/model/endpoint.js'
import type { BucketUid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { NameSpace } from '../../src/model/name-space.js'
import type { CheckReport, VersionIndex } from '../../src/model/segment.js'
import { checkSegment } from '../../src/store/check/check.js'
import { createChunkStore } from '../../src/store/chunks.js'
import { Committer } from '../../src/store/commit/committer.js'
import type { PublishParts } from '../../src/store/commit/publish-job.js'
import { readIdentity } from '../../src/store/identity.js'
import { ChunkIndex } from '../../src/store/index/chunk-rows.js'
import { openTables, type Tables } from '../../src/store/index/tables.js'
import { createManifestReader } from '../../src/store/manifests.js'
import { createNameSpace } from '../../src/store/names.js'
import { PackReader } from '../../src/store/packs/reader.js'
import { PackWriter } from '../../src/store/packs/writer.js'
import { createVersionIndex } from '../../src/store/versions.js'
import { done, HandClock } from '../contracts/samples.js'
import { bucketOf } from './bucket.js'
import { home } from './homes.js'

/** A home that is open by its parts, as a segment has them, with a clock that stands. */
export interface Opened {
  readonly where: string
  readonly clock: HandClock
  readonly tables: Tables
  readonly parts: PublishParts
  readonly names: NameSpace
  readonly versions: VersionIndex
  /** `Hawaii/Cola/bk1`. */
  readonly bucket: BucketUid
  write(key: string, content: Done['content'], bucket?: BucketUid): Promise<PublishResult>
  /** How many versions each of these keys has. */
  counts(...keys: string[]): number[]
  check(): Promise<CheckReport>
}

/** Closed when the test has ended. */
export async function openParts(): Promise<Opened> {
  const clock = new HandClock(1_700_000_000_000)
  const where = await home(clock)
  const identity = await readIdentity(where)
  const { guid } = identity
  const tables = openTables(where, path.join(where, 'index.mdb'))
  const [reader, writer, index] = [new PackReader(where), new PackWriter(tables, guid), new ChunkIndex(tables)]
  const committer = new Committer({ tables, chunks: index, writer, clock })
  const chunks = createChunkStore({ home: where, index, writer, reader, committer })
  const context = { tables, manifests: createManifestReader(tables, reader), guid, clock }
  const parts = { context, index, chunks, committer }
  const [names, versions] = [createNameSpace(tables, committer, clock), createVersionIndex(tables, parts)]
  const bucket = bucketOf({ names })
  onTestFinished(async () => {
    await committer.flush()
    await writer.close()
    await reader.close()
    await tables.close()
  })
  return {
    ...{ where, clock, tables, parts, names, versions, bucket },
    async write(key, content, uid = bucket) {
      const [result] = await versions.publish(uid, [done(key, content)], { overwrite: false })
      if (result === undefined) throw new Error('no result')
      return result
    },
    counts: (...keys) => keys.map((key) => versions.versions(bucket, objectKey(key)).length),
    check: () => checkSegment({ tables, index, chunks, reader, identity }, { readData: true }),
  }
}
