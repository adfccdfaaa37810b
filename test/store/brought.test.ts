import { appendFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import type { Brought } from '../../src/model/brought.js'
import { bucketUid, type ChunkId, chunkId } from '../../src/model/ids.js'
import { createBrought } from '../../src/store/brought.js'
import { withSegment } from '../../src/store/segment.js'
import { ALL, options } from './collecting.js'
import { home } from './homes.js'

const TENANT = bucketUid('a1'.repeat(16))
const OTHER = bucketUid('b2'.repeat(16))

const id = (n: number): ChunkId => chunkId(n.toString(16).padStart(64, '0'))
const ids = (from: number, count: number): ChunkId[] => Array.from({ length: count }, (_, i) => id(from + i))

async function allOf(brought: Brought): Promise<ChunkId[]> {
  const all: ChunkId[] = []
  for await (const some of brought.all()) all.push(...some)
  return all
}

test('what was noted for a tenant is told for that tenant, in order, by whoever opens the home next', async () => {
  const where = await home()
  const brought = createBrought(where, TENANT)
  expect(await allOf(brought)).toEqual([])
  await brought.note(ids(1, 5000))
  await brought.note(ids(9000, 2))
  await createBrought(where, OTHER).note([id(7)])
  expect(await allOf(createBrought(where, TENANT))).toEqual([...ids(1, 5000), ...ids(9000, 2)])
  expect(await allOf(createBrought(where, OTHER))).toEqual([id(7)])
})

test('what a kill cut off in the middle of an id is passed over, then and later', async () => {
  const where = await home()
  const brought = createBrought(where, TENANT)
  await brought.note(ids(1, 3))
  appendFileSync(path.join(where, 'brought', TENANT), Buffer.alloc(9, 1))
  expect(await allOf(brought)).toEqual(ids(1, 3))
  await brought.note(ids(4, 2))
  expect(await allOf(brought)).toEqual(ids(1, 5))
})

test('it is bounded: the latest stay', async () => {
  const where = await home()
  const brought = createBrought(where, TENANT)
  const some = LIMITS.broughtFileBytesMax / 32 / 4
  for (let n = 0; n < 10; n++) await brought.note(ids(n * some, some))
  const all = await allOf(brought)
  expect([all[0], all.at(-1)]).toEqual([id(4 * some), id(10 * some - 1)])
  expect(statSync(path.join(where, 'brought', `${TENANT}.1`)).size).toBe(LIMITS.broughtFileBytesMax)
})

test('the second collection after it forgets it, as it deletes the chunks; one that only says what it would do does not', async () => {
  const where = await home()
  const collect = (dryRun: boolean) => withSegment(where, options, (segment) => segment.collect({ ...ALL, dryRun }))
  const brought = createBrought(where, TENANT)
  await brought.note([id(1)])
  for (const dryRun of [true, true, false]) await collect(dryRun)
  expect(await allOf(brought)).toEqual([id(1)])
  await brought.note([id(2)])
  await collect(false)
  expect(await allOf(brought)).toEqual([id(2)])
  await collect(false)
  expect(await allOf(brought)).toEqual([])
})
