import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { EfsError } from '../../src/base/errors.js'
import { VERSION_ROW_BYTES } from '../../src/format/rows-version.js'
import { packPath } from '../../src/store/home.js'
import { openTables, type Tables, transact } from '../../src/store/index/tables.js'
import { withSegment } from '../../src/store/segment.js'
import { done, fileOf, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'
import { flip } from './flips.js'
import { bucketOf, home } from './homes.js'
import { rebuilt } from './rebuilding.js'

const options = { clock: systemClock }
const TEXTS = ['leaf one', 'leaf two', 'leaf three']

/** A home with a chunk, three leaves under a node, and a key with three versions. */
async function sample(): Promise<string> {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    const { node, leaves } = tree(TEXTS)
    await segment.chunks.put([leaf('alone'), ...leaves, node])
    const publish = (...items: Parameters<typeof done>[]) =>
      segment.versions.publish(
        bucketOf(segment),
        items.map((item) => done(...item)),
        { overwrite: true },
      )
    await publish(['alone', fileOf(leaf('alone'))], ['tree', treeFile(TEXTS)], ['old', inlineFile('one')])
    await publish(['old', inlineFile('two')])
    await publish(['old', inlineFile('three')])
  })
  return where
}

async function inTables(where: string, change: (tables: Tables) => void): Promise<void> {
  const tables = openTables(where, path.join(where, 'index.mdb'))
  transact(tables, () => change(tables))
  await tables.close()
}

/** What a check with all data says, also where it cannot go on. */
async function told(where: string): Promise<string[]> {
  try {
    const { damage } = await withSegment(where, options, (segment) => segment.check({ readData: true }))
    return damage.map(({ what, harms }) => `${what}; ${harms}`)
  } catch (error) {
    if (error instanceof EfsError && error.code === 'CORRUPT') return [error.message]
    throw error
  }
}

/** Flips a bit of that byte in the first row of a table. Doing it again undoes it. */
const flipRow = (where: string, table: 'chunks' | 'heads' | 'versions' | 'journals', at: number): Promise<void> =>
  inTables(where, (tables) => {
    const [row] = tables[table].rows({ start: Buffer.of(0), limit: 1 })
    if (row === undefined) throw new Error('an empty table')
    row.value.writeUInt8(row.value.readUInt8(at) ^ 1, at)
    tables[table].putSync(row.key, row.value)
  })

const bytes = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

test.each([
  // Not what only tells whether a node is whole or a chunk condemned, nor what is nothing.
  ['chunks', [2, ...bytes(28).slice(4)]],
  ['heads', bytes(VERSION_ROW_BYTES)],
  ['versions', bytes(VERSION_ROW_BYTES)],
  // A journal may forget who brought a version.
  ['journals', [...bytes(32), 48]],
] as const)('a row of %s that says anything else than its records is found, and made anew', async (table, all) => {
  const where = await sample()
  expect(await told(where)).toEqual([])
  for (const at of all) {
    await flipRow(where, table, at)
    expect((await told(where)).length, `byte ${at}`).toBeGreaterThan(0)
    await flipRow(where, table, at)
  }
  await flipRow(where, table, 2)
  expect((await told(where)).length).toBeGreaterThan(0)
  expect((await rebuilt(where)).findings).toEqual([])
  expect(await told(where)).toEqual([])
})

test('a chunk that is needed and has no row is found, with what it harms', async () => {
  const where = await sample()
  const [, , third] = TEXTS
  await inTables(where, (tables) => tables.chunks.removeSync(Buffer.from(leaf(third ?? '').ref.id, 'hex')))
  expect(await told(where)).toEqual([
    expect.stringMatching(/^chunk [0-9a-f]{16} is needed .*; Hawaii\/Cola\/bk1\/tree$/),
  ])
})

test('a row that places its chunk where another one stands is found, with what it harms', async () => {
  const where = await sample()
  await inTables(where, ({ chunks }) => {
    const [alone, other] = [leaf('alone'), leaf('leaf one')].map(({ ref }) => Buffer.from(ref.id, 'hex'))
    const row = other && chunks.get(other)
    if (alone !== undefined && row !== undefined) chunks.putSync(alone, row)
  })
  const found = await told(where)
  expect(found).toContainEqual(expect.stringMatching(/^the row of chunk .*; Hawaii\/Cola\/bk1\/alone$/))
})

test('what a repair has told and left behind is no damage of the index that it made', async () => {
  const where = await sample()
  for (const at of [4, 200, 300]) await flip(packPath(where, 1), at)
  const { damaged } = (await rebuilt(where)).report
  expect(damaged).toBeGreaterThan(1)
  expect(await told(where)).toEqual([])
  await withSegment(where, options, async (segment) => expect(await segment.glance()).toEqual([]))
  await flip(packPath(where, 1), 500)
  expect((await told(where)).length).toBeGreaterThan(0)
  await rm(path.join(where, 'index.mdb'))
  expect((await rebuilt(where)).report.damaged).toBe(damaged + 1)
})
