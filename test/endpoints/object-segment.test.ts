import { expect, onTestFinished, test } from 'vitest'
import type { ObjectSegment } from '../../src/endpoints/s3-segment/segment.js'
import { segmentGuid } from '../../src/model/ids.js'
import { createStats } from '../../src/stats/counters.js'
import { liveRolesContract } from '../contracts/live-roles.js'
import { MemoryObjects } from '../fakes/memory-objects.js'
import { run } from '../transfer/runs.js'
import { BUCKET, bucketIn, bytes, contentsOf, filled, leaveMany, openObjects } from './object-segments.js'

/** As somebody sees it who was never here. */
async function opened(objects: MemoryObjects): Promise<ObjectSegment> {
  const segment = await openObjects(objects.client())
  onTestFinished(() => segment.close())
  return segment
}

liveRolesContract('a segment of objects in memory', async () => ({
  bucket: await bucketIn(await opened(new MemoryObjects())),
  us: segmentGuid('cd'.repeat(16)),
}))

test('one pushes, one who shares nothing with him but the store pulls: the same versions, no data the second time', async () => {
  const objects = new MemoryObjects()
  const a = await bucketIn(await opened(objects))
  const from = filled({ x: bytes(1, 300_000), 'd/y': bytes(2), 'd/e/z': Buffer.from('tiny') })
  const first = await run({ from, to: a })
  expect(first.stats).toMatchObject({ objectsPublished: 3, objectsParked: 0 })
  const b = await bucketIn(await opened(objects))
  expect(b.digested.digest('full')).toBe(a.digested.digest('full'))
  expect(await contentsOf(b)).toEqual(await contentsOf(a))
  const puts = objects.counts.put
  expect((await run({ from, to: b })).settled).toEqual([])
  expect(objects.counts.put).toBe(puts)
})

test('what one deletes and changes is deleted and changed for the other, who had it open', async () => {
  const objects = new MemoryObjects()
  const [one, other] = [await opened(objects), await opened(objects)]
  await run({ from: filled({ x: bytes(1), y: bytes(2) }), to: await bucketIn(one) })
  await other.refresh()
  const b = await bucketIn(other)
  expect(Object.keys(await contentsOf(b))).toEqual(['x', 'y'])
  await run({ from: filled({ y: bytes(3), z: bytes(4) }), to: await bucketIn(one) })
  await other.refresh()
  expect(await contentsOf(b)).toEqual(await contentsOf(await bucketIn(one)))
  expect(Object.keys(await contentsOf(b))).toEqual(['y', 'z'])
})

test('a prefix is left out of keys on the way out and put before them on the way in', async () => {
  const segment = await opened(new MemoryObjects())
  const whole = await bucketIn(segment)
  const part = segment.part({ path: BUCKET, label: 'part', storing: whole.sink }, 'p/')
  await run({ from: filled({ 'r/x': bytes(1) }), to: part })
  expect(Object.keys(await contentsOf(whole)).filter((key) => !key.endsWith('/'))).toEqual(['p/r/x'])
  expect(Object.keys(await contentsOf(part)).filter((key) => !key.endsWith('/'))).toEqual(['r/x'])
})

test('buckets of one segment share their data', async () => {
  const objects = new MemoryObjects()
  const segment = await opened(objects)
  const from = filled({ x: bytes(1, 100_000) })
  await run({ from, to: await bucketIn(segment) })
  const packs = objects.bytesPut.get('packs')
  const { stats } = await run({ from, to: await bucketIn(segment, 'Hawaii/Cola/bk2') })
  expect(stats).toMatchObject({ objectsPublished: 1, bytesNew: 0 })
  expect(objects.bytesPut.get('packs')).toBe(packs)
  expect((await opened(objects)).buckets()).toEqual(['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2'])
})

test('who opens it for the first time sees how much there is to read, and how much of it was read', async () => {
  const objects = new MemoryObjects()
  await leaveMany(objects.client(), 5)
  const stats = createStats()
  const segment = await openObjects(objects.client(), { stats })
  onTestFinished(() => segment.close())
  const { factsListed, factsRead } = stats.read()
  expect(factsRead).toBeGreaterThanOrEqual(5)
  expect(factsRead).toBe(factsListed)
})

test('many small objects of facts become few, also for who has read them, and nothing is read twice', async () => {
  const objects = new MemoryObjects()
  const early = await opened(objects)
  const before = await bucketIn(early)
  await leaveMany(objects.client(), 100)
  const others = (): string[] => [...objects.kept.keys()].filter((key) => key.startsWith('journal/'))
  for (let again = 0; again < 3; again++) await early.refresh()
  expect(others().length).toBeLessThan(40)
  const late = await opened(objects)
  await late.refresh()
  const bytesGot = objects.counts.get
  await early.refresh()
  expect(objects.counts.get).toBe(bytesGot)
  expect((await bucketIn(late)).digested.digest('full')).toBe(before.digested.digest('full'))
  expect(before.digested.objects).toBe(100)
})

test('facts that were changed are damage, also where only one bit of them was', async () => {
  const objects = new MemoryObjects()
  await run({ from: filled({ x: bytes(1) }), to: await bucketIn(await opened(objects)) })
  const [key, kept] = [...objects.kept].filter(([each]) => each.startsWith('journal/')).at(-1) ?? []
  if (key === undefined || kept === undefined) throw new Error('nothing in the journal')
  const changed = Buffer.from(kept.bytes)
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1)
  objects.kept.set(key, { ...kept, bytes: changed })
  const told = { code: 'CORRUPT', message: expect.stringContaining(key), hint: expect.any(String) }
  await expect(openObjects(objects.client())).rejects.toMatchObject(told)
})
