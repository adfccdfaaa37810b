import { expect, test } from 'vitest'
import { encodeManifest } from '../../src/format/manifest.js'
import { segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { mint } from '../../src/model/manifest.js'
import { pruneObjects } from '../../src/store/collect/prune.js'
import { rowsUnder, transact } from '../../src/store/index/tables.js'
import { IndexTransaction } from '../../src/store/index/transaction.js'
import { insertVersion, tipRows } from '../../src/store/index/version-rows.js'
import { inlineFile } from '../contracts/samples.js'
import { type Opened, openParts } from './parts.js'

const RUN = { dryRun: false }

async function writeMany(at: Opened, key: string, count: number): Promise<void> {
  for (let size = 1; size <= count; size++) await at.write(key, inlineFile('x'.repeat(size)))
}

test('a lowered number-of-versions frees the versions of keys that nobody writes to', async () => {
  const at = await openParts()
  await writeMany(at, 'a', 7)
  await writeMany(at, 'b', 3)
  await writeMany(at, 'c', 1)
  expect(await pruneObjects(at.parts, RUN)).toEqual({ keys: 0, versions: 0 })
  await at.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 2 }))
  expect(await pruneObjects(at.parts, { dryRun: true })).toEqual({ keys: 2, versions: 6 })
  expect(at.counts('a', 'b', 'c')).toEqual([7, 3, 1])
  expect(await pruneObjects(at.parts, RUN)).toEqual({ keys: 2, versions: 6 })
  expect(at.versions.versions(at.bucket, objectKey('a')).map(({ size }) => size)).toEqual([7, 6])
  expect(at.counts('a', 'b', 'c')).toEqual([2, 2, 1])
  expect(rowsUnder(at.tables.journals, Buffer.alloc(0)).length).toBe(5)
  expect((await at.check()).damage).toEqual([])
  await at.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 1 }))
  expect(await pruneObjects(at.parts, RUN)).toEqual({ keys: 2, versions: 2 })
})

test('tips stay, each with ancestors of its own', async () => {
  const at = await openParts()
  await writeMany(at, 'a', 3)
  const there = segmentGuid('00'.repeat(16))
  let parents: Parameters<typeof mint>[1] = []
  for (let size = 11; size <= 13; size++) {
    const manifest = mint(inlineFile('y'.repeat(size)), parents, there, at.clock.ms - 1000 + size)
    const { id } = encodeManifest(manifest)
    await at.write('a', { id, manifest })
    parents = [{ id, stamp: manifest.stamp, vector: manifest.vector }]
  }
  await at.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 2 }))
  expect(await pruneObjects(at.parts, RUN)).toEqual({ keys: 1, versions: 2 })
  expect(at.versions.versions(at.bucket, objectKey('a')).map(({ size }) => size)).toEqual([3, 2, 13, 12])
  expect(at.versions.head(at.bucket, objectKey('a'))?.held?.tips).toBe(2)
  await at.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 1 }))
  expect(await pruneObjects(at.parts, RUN)).toEqual({ keys: 1, versions: 2 })
  expect(at.versions.versions(at.bucket, objectKey('a')).map(({ size }) => size)).toEqual([3, 13])
  expect((await at.check()).damage).toEqual([])
})

test('more versions of one key than fit in a commit go', async () => {
  const at = await openParts()
  const { guid } = at.parts.context
  const key = objectKey('a')
  transact(at.tables, () => {
    const tx = new IndexTransaction(at.tables)
    for (let i = 0; i < 4_500; i++) {
      const tips = tipRows(at.tables, at.bucket, key)
      const parents = tips.map(({ id, stamp }) => ({ id, stamp, vector: { [guid]: stamp.time } }))
      const manifest = mint(inlineFile(`${i}`), parents, guid, at.clock.ms)
      const standing = { line: 'tip', covered: new Set(tips.map(({ id }) => id)), tips } as const
      const place = { pack: 1, offset: 64, length: 1 }
      insertVersion(tx, at.bucket, key, { id: encodeManifest(manifest).id, manifest }, place, standing)
    }
    tx.finish()
  })
  await at.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 3 }))
  expect(await pruneObjects(at.parts, RUN)).toEqual({ keys: 1, versions: 4_497 })
  expect(at.counts('a')).toEqual([3])
  expect(at.versions.counters(at.bucket)).toMatchObject({ objects: 1, versions: 3 })
  expect(await at.versions.expunge(at.bucket, [key])).toBe(3)
  expect(at.versions.counters(at.bucket)).toMatchObject({ objects: 0, versions: 0 })
})
