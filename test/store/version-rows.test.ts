import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { segmentGuid, type VersionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { mint } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { IndexTransaction } from '../../src/store/index/transaction.js'
import { removeVersions } from '../../src/store/index/version-rows.js'
import { withSegment } from '../../src/store/segment.js'
import { done, inlineFile } from '../contracts/samples.js'
import { bucketOf, home } from './homes.js'

const options = { clock: systemClock }
const KEY = objectKey('a')

/** Removes versions of the key behind the segment's back, as a `remove` record does. */
async function remove(where: string, segment: Segment, ids: readonly VersionId[]): Promise<void> {
  const tables = openTables(where, path.join(where, 'index.mdb'))
  transact(tables, () => {
    const tx = new IndexTransaction(tables)
    removeVersions(tx, bucketOf(segment), KEY, ({ id }) => ids.includes(id))
    tx.finish()
  })
  await tables.close()
  expect((await segment.check({ readData: false })).damage).toEqual([])
}

const idsOf = (segment: Segment): VersionId[] =>
  segment.versions.versions(bucketOf(segment), KEY).flatMap(({ held }) => held?.id ?? [])

const write = (segment: Segment, text: string) =>
  segment.versions.publish(bucketOf(segment), [done('a', inlineFile(text))], { overwrite: true })

test('when the head is removed the version before it is the head again, and when all are, there is none', async () => {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    for (const text of ['1', '22', '333']) await write(segment, text)
    const [third, second, first] = idsOf(segment)
    if (third === undefined || second === undefined || first === undefined) throw new Error('three versions')
    await remove(where, segment, [third])
    expect(segment.versions.head(bucketOf(segment), KEY)).toMatchObject({ size: 2, held: { id: second, tips: 1 } })
    expect(segment.versions.counters(bucketOf(segment))).toMatchObject({ objects: 1, bytes: 2, versions: 2 })
    await remove(where, segment, [first])
    expect(idsOf(segment)).toEqual([second])
    await remove(where, segment, [second, third])
    expect(segment.versions.head(bucketOf(segment), KEY)).toBeUndefined()
    expect(segment.versions.counters(bucketOf(segment))).toMatchObject({ objects: 0, bytes: 0, versions: 0 })
    const changes = segment.versions.changes(bucketOf(segment), {
      ...segment.versions.position(bucketOf(segment)),
      sequence: 0,
    })
    for await (const page of changes ?? []) expect(page).toEqual([])
  })
})

test('when one of two tips is removed the conflict is over', async () => {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    await write(segment, 'here')
    const manifest = mint(inlineFile('there'), [], segmentGuid('00'.repeat(16)), systemClock.nowMs() + 5000)
    const there = { id: encodeManifest(manifest).id, manifest }
    await segment.versions.publish(bucketOf(segment), [done('a', there)], { overwrite: false })
    expect(segment.versions.counters(bucketOf(segment))).toMatchObject({ objects: 1, conflicts: 1, versions: 2 })
    await remove(where, segment, [there.id])
    expect(segment.versions.head(bucketOf(segment), KEY)?.held).toMatchObject({ tips: 1 })
    expect(segment.versions.counters(bucketOf(segment))).toMatchObject({
      objects: 1,
      bytes: 4,
      conflicts: 0,
      versions: 1,
    })
  })
})
