import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ALL as EVERY_KEY, openTables, rowsUnder } from '../../src/store/index/tables.js'
import { withSegment } from '../../src/store/segment.js'
import { done, fileOf, inlineFile, leaf } from '../contracts/samples.js'
import { ALL, homeWith, options } from './collecting.js'
import { home } from './homes.js'
import { forgetIndex, indexOf, rebuilt } from './rebuilding.js'

const LIVE = leaf('somebody needs it')
const packsIn = (where: string): string[] => readdirSync(path.join(where, 'packs')).sort()
const glance = (where: string) => withSegment(where, options, (segment) => segment.glance())

const missing = (pack: string) => ({ pack, offset: 0, what: 'the pack is missing', harms: [] })

function removePacks(where: string): void {
  for (const name of packsIn(where)) rmSync(path.join(where, 'packs', name))
}

/** Which packs the index notes as gone. */
async function notedIn(where: string): Promise<number[]> {
  const tables = openTables(where, indexOf(where))
  const noted = rowsUnder(tables.gone, EVERY_KEY).map(({ key }) => key.readUInt32BE(0))
  await tables.close()
  return noted
}

/** A home whose first pack a collection has removed. */
async function compacted(): Promise<string> {
  const where = await homeWith([leaf('nobody needs it '.repeat(1000)), LIVE], [done('live', fileOf(LIVE))])
  for (let run = 0; run < 2; run++) await withSegment(where, options, (segment) => segment.collect(ALL))
  expect(existsSync(path.join(where, 'packs/00000001.pack'))).toBe(false)
  return where
}

test.each([
  ['a chunk', [done('live', fileOf(LIVE))]],
  ['only a version', [done('inline', inlineFile('in the manifest'))]],
])('a pack whose file is gone is missed where %s stands in it', async (_, items) => {
  const where = await homeWith([LIVE], items)
  expect(await glance(where)).toEqual([])
  removePacks(where)
  expect(await glance(where)).toEqual([missing('00000001.pack')])
})

test('one that is still being written is missed too, as soon as something stands in it', async () => {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    await segment.chunks.put([LIVE])
    removePacks(where)
    expect(await segment.glance()).toEqual([])
    await segment.chunks.flush()
    expect(await segment.glance()).toEqual([missing('00000001.pack')])
  })
})

test('one in which nothing stands any more is not missed', async () => {
  const where = await home()
  removePacks(where)
  expect(await glance(where)).toEqual([])
})

test('what a collection removed is noted and not missed, also by an index that is made anew; what was removed by others is', async () => {
  const where = await compacted()
  expect([await notedIn(where), await glance(where)]).toEqual([[1], []])
  await forgetIndex(where)
  await rebuilt(where)
  expect([await notedIn(where), await glance(where)]).toEqual([[1], []])
  const [left = ''] = packsIn(where)
  removePacks(where)
  expect(await glance(where)).toEqual([missing(left)])
})
