import { rm, stat, truncate } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { EMPTY_BUCKET, encodeBucketRow } from '../../src/format/rows-bucket.js'
import type { CheckReport } from '../../src/model/segment.js'
import { uidKey } from '../../src/store/index/keys.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { withSegment } from '../../src/store/segment.js'
import { done, fileOf, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'
import { flip } from './flips.js'
import { bucketOf, home } from './homes.js'

const options = { clock: systemClock }
interface Sample {
  readonly where: string
  readonly pack: string
  readonly file: string
  readonly chunkAt: number
  /** Of the first leaf. */
  readonly leafAt: number
}

const TEXTS = ['leaf one', 'leaf two', 'leaf three']

/** A home whose pack holds, from `chunkAt` on, one after the other: a chunk, three leaves, their node, and the commit of four objects. */
async function sample(): Promise<Sample> {
  const where = await home()
  const pack = '00000001.pack'
  const file = path.join(where, 'packs', pack)
  const { size: chunkAt } = await stat(file)
  await withSegment(where, options, async (segment) => {
    const { node, leaves } = tree(TEXTS)
    const alone = leaf('a chunk of its own')
    await segment.chunks.put([alone])
    await segment.chunks.put([...leaves, node])
    const items = [
      done('alone', fileOf(alone)),
      done('copy', fileOf(alone, { mode: 0o600 })),
      done('inline', inlineFile('in the manifest')),
      done('tree', treeFile(TEXTS)),
    ]
    await segment.versions.publish(bucketOf(segment), items, { overwrite: true })
  })
  return { where, pack, file, chunkAt, leafAt: chunkAt + 48 + 'a chunk of its own'.length }
}

const check = (where: string, readData = true): Promise<CheckReport> =>
  withSegment(where, options, (segment) => segment.check({ readData }))

test('a flipped byte in a chunk is named with all objects that hold it, and no other', async () => {
  const { where, pack, file, chunkAt } = await sample()
  await flip(file, chunkAt + 50)
  expect((await check(where)).damage).toMatchObject([
    { pack, offset: chunkAt, harms: ['Hawaii/Cola/bk1/alone', 'Hawaii/Cola/bk1/copy'] },
  ])
  expect((await check(where, false)).damage).toEqual([])
})

test('a flipped byte in a leaf is named with the object whose tree holds it', async () => {
  const { where, pack, file, leafAt } = await sample()
  await flip(file, leafAt + 48)
  expect((await check(where)).damage).toMatchObject([{ pack, offset: leafAt, harms: ['Hawaii/Cola/bk1/tree'] }])
})

test.each([0, 1, 2, 5, 7, 10, 20, 45])(
  'a flip of byte %i of a record header is found, and what it heads',
  async (at) => {
    const { where, pack, file, chunkAt } = await sample()
    await flip(file, chunkAt + at)
    const [first, ...others] = (await check(where)).damage
    expect(first).toMatchObject({ pack, offset: chunkAt, harms: ['Hawaii/Cola/bk1/alone', 'Hawaii/Cola/bk1/copy'] })
    expect(others).toEqual([])
  },
)

test('wherever a byte flips it is found', async () => {
  const { where, file } = await sample()
  const { size } = await stat(file)
  for (let offset = 0; offset < size; offset += 13) {
    await flip(file, offset)
    const { damage } = await check(where)
    expect(damage.length, `byte ${offset}`).toBeGreaterThan(0)
    expect(damage[0]?.offset).toBeLessThanOrEqual(offset)
    await flip(file, offset)
  }
  expect((await check(where)).damage).toEqual([])
})

test('a pack that was cut short or removed is found without reading data', async () => {
  const { where, pack, file, leafAt } = await sample()
  await truncate(file, leafAt + 10)
  const cut = await check(where, false)
  expect(cut.damage.map(({ pack: name }) => name)).toEqual([pack])
  expect(cut.damage[0]?.harms).toContain('Hawaii/Cola/bk1/tree')
  await rm(file)
  const gone = await check(where, false)
  expect(gone.damage[0]).toMatchObject({ pack, what: 'the pack is missing' })
  expect(gone.damage[0]?.harms.length).toBe(4)
})

test('damaged content is refused when it is read', async () => {
  const { where, file, chunkAt } = await sample()
  await flip(file, chunkAt + 50)
  await withSegment(where, options, async (segment) => {
    await expect(segment.chunks.get([leaf('a chunk of its own').ref])).rejects.toMatchObject({ code: 'CORRUPT' })
  })
})

test('counts and digests that do not fit are named', async () => {
  const { where } = await sample()
  const uid = await withSegment(where, options, async (segment) => bucketOf(segment))
  const tables = openTables(where, path.join(where, 'index.mdb'))
  transact(tables, () => {
    tables.buckets.putSync(uidKey(uid), encodeBucketRow(EMPTY_BUCKET))
    for (const key of tables.cells.keys({ start: Buffer.of(0), limit: 1 })) tables.cells.removeSync(key)
  })
  await tables.close()
  expect((await check(where, false)).damage.map(({ what }) => what)).toEqual([
    'the count of bucket Hawaii/Cola/bk1 is wrong',
    'the journal of bucket Hawaii/Cola/bk1 is wrong',
    'the digest of bucket Hawaii/Cola/bk1 is wrong',
  ])
})

test('at most ten objects are named, the others counted', async () => {
  const where = await home()
  const file = path.join(where, 'packs', '00000001.pack')
  const { size: chunkAt } = await stat(file)
  const chunk = leaf('shared by many')
  await withSegment(where, options, async (segment) => {
    await segment.chunks.put([chunk])
    const items = Array.from({ length: 25 }, (_, i) => done(`k${i}`, fileOf(chunk)))
    await segment.versions.publish(bucketOf(segment), items, { overwrite: true })
  })
  await flip(file, chunkAt + 49)
  const [damage] = (await check(where)).damage
  expect(damage?.harms.length).toBe(11)
  expect(damage?.harms.at(-1)).toBe('and 15 more versions')
})
