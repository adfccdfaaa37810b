import { existsSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { PACK_HEADER_BYTES } from '../../src/format/pack.js'
import type { Damage } from '../../src/model/segment.js'
import { withSegment } from '../../src/store/segment.js'
import { done, fileOf, leaf } from '../contracts/samples.js'
import { ALL, homeWith, options, write } from './collecting.js'
import { home } from './homes.js'
import { forgetIndex, rebuilt } from './rebuilding.js'
import { listen, startWriter } from './writers.js'

const ONE = leaf('one '.repeat(1000))
const OTHER = leaf('other '.repeat(1000))
const PACK = '00000001.pack'
const glance = (where: string) => withSegment(where, options, (segment) => segment.glance())

const sizeOf = (where: string): number => statSync(path.join(where, 'packs', PACK)).size

/** Takes bytes from the end of the first pack. */
function shorten(where: string, bytes: number): Damage {
  const size = sizeOf(where) - bytes
  truncateSync(path.join(where, 'packs', PACK), size)
  return { pack: PACK, offset: size, what: `the pack ends here, it has lost ${bytes} bytes`, harms: [] }
}

const filled = () => homeWith([ONE, OTHER], [done('one', fileOf(ONE)), done('other', fileOf(OTHER))])

test.each([1, 500])('a pack that lost %i bytes at its end is told, and not gone on with', async (bytes) => {
  const where = await filled()
  expect(await glance(where)).toEqual([])
  const lost = shorten(where, bytes)
  expect(await glance(where)).toEqual([lost])
  for (const readData of [false, true]) {
    const check = () => withSegment(where, options, (segment) => segment.check({ readData }))
    expect(new Set((await check()).damage.map(({ pack }) => pack))).toEqual(new Set([PACK]))
  }
  await withSegment(where, options, (segment) => segment.chunks.put([leaf('another')]))
  expect(await glance(where)).toEqual([lost])
})

test('one that later runs went on with is counted on as far as they went', async () => {
  const where = await filled()
  const before = sizeOf(where)
  const third = leaf('a third '.repeat(1000))
  await withSegment(where, options, async (segment) => {
    await segment.chunks.put([third])
    await write(segment, [done('third', fileOf(third))])
    expect(await segment.glance()).toEqual([])
  })
  expect(sizeOf(where)).toBeGreaterThan(before)
  expect(await glance(where)).toEqual([])
  const lost = shorten(where, sizeOf(where) - before)
  expect(await glance(where)).toEqual([lost])
})

test('one whose writer was killed is told too, and nothing stands in the place of what it lost', async () => {
  const where = await home()
  await listen(startWriter(where, 'w', 1000), ({ done: all }) => all.length >= 20)
  const lost = sizeOf(where) - PACK_HEADER_BYTES
  shorten(where, lost)
  const [damage] = await glance(where)
  expect(damage).toMatchObject({ pack: PACK, offset: PACK_HEADER_BYTES })
  expect(damage?.what).toMatch(/^the pack ends here, it has lost \d+ bytes$/)
  expect(sizeOf(where)).toBe(PACK_HEADER_BYTES)
})

test('an index that was made anew counts on what it was made from', async () => {
  const where = await filled()
  await forgetIndex(where)
  await rebuilt(where)
  expect(await glance(where)).toEqual([])
  const lost = shorten(where, 1)
  expect(await glance(where)).toEqual([lost])
})

test('one that a collection removed is not counted on', async () => {
  const where = await homeWith([leaf('nobody needs it '.repeat(1000)), ONE], [done('one', fileOf(ONE))])
  for (let run = 0; run < 2; run++) await withSegment(where, options, (segment) => segment.collect(ALL))
  expect(existsSync(path.join(where, 'packs', PACK))).toBe(false)
  expect(await glance(where)).toEqual([])
})
