import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { objectKey } from '../../src/model/key.js'
import { checkpointName } from '../../src/transfer/live/flow.js'
import { HandClock } from '../contracts/samples.js'
import { Faults } from '../fakes/faults.js'
import { MemoryChunks } from '../fakes/memory-segment/chunks.js'
import { flowOf, NEVER, Site, settle, started } from './site.js'

const BIG = Array.from({ length: 40 }, (_, i) => `line ${i} of it\n`).join('')
const pair = async (): Promise<[Site, Site]> => [await Site.memory(), await Site.memory()]
const checkpointAt = (from: Site, to: Site) =>
  to.segment.versions.checkpoint(to.uid, checkpointName({ segment: from.segment.guid, uid: from.uid }))
/** Of what waits there. */
const triesAt = (from: Site, to: Site): number[] =>
  to.segment.versions
    .retries(to.uid, checkpointName({ segment: from.segment.guid, uid: from.uid }))
    .map(({ tries }) => tries)

test('what was there before comes by the pass, what changes after it by the journal', async () => {
  const [a, b] = await pair()
  for (let i = 0; i < 10; i++) await a.write(`k${i}`, `${BIG}${i}`)
  await a.remove('k3')
  const flow = flowOf({ from: a, to: b })
  expect(flow.state).toMatchObject({ state: 'initial' })
  await flow.start(NEVER)
  expect(flow.state).toMatchObject({ state: 'continuous' })
  expect(await b.tips()).toEqual(await a.tips())
  await a.write('k3', 'again')
  await a.write('k3', 'and again')
  await flow.catchUp(NEVER)
  expect(b.digests).toEqual(a.digests)
  expect((await b.versions()).k3?.slice(0, 2)).toEqual((await a.versions()).k3?.slice(0, 2))
  expect(checkpointAt(a, b)).toEqual({ position: a.segment.versions.position(a.uid) })
})

test('from now on: what was there before does not come', async () => {
  const [a, b] = await pair()
  await a.write('old', BIG)
  const [flow] = await started([{ from: a, to: b, mode: 'continuous' }])
  await a.write('new', 'x')
  await flow?.catchUp(NEVER)
  expect(await b.heads()).toEqual(['new'])
})

test('what is there now, once: it does not follow', async () => {
  const [a, b] = await pair()
  await a.write('old', BIG)
  const [flow] = await started([{ from: a, to: b, mode: 'initial' }])
  expect(flow?.state.state).toBe('initial')
  expect(await b.heads()).toEqual(['old'])
  expect(checkpointAt(a, b)?.pass).toBeUndefined()
})

test('a pass that is broken off goes on after the last key that is there', async () => {
  const [a, b] = await pair()
  const count = LIMITS.parcelObjectsMax + 100
  for (let i = 0; i < count; i++) await a.write(`k${1000 + i}`, `${i}`)
  const faults = new Faults().plan('sink.take', 3, () => {
    throw new Error('the power')
  })
  await expect(flowOf({ from: a, to: b, faults }).start(NEVER)).rejects.toThrow('the power')
  expect(faults.unreached()).toEqual([])
  expect(checkpointAt(a, b)?.pass).toBe(`k${1000 + 2 * LIMITS.pageRowsMax - 1}`)
  await a.write('k0', 'meanwhile')
  const flow = flowOf({ from: a, to: b })
  await flow.start(NEVER)
  expect(flow.state.counts.versionsOffered).toBe(count - LIMITS.parcelObjectsMax)
  await flow.catchUp(NEVER)
  expect(b.digests).toEqual(a.digests)
})

test('all tips of a key come, and a conflict is listed once on each side', async () => {
  const [a, b] = await pair()
  await a.write('k', 'of a')
  await b.write('k', 'of b')
  await settle(
    await started([
      { from: a, to: b },
      { from: b, to: a },
    ]),
  )
  expect(a.counters.conflicts).toBe(1)
  expect(b.counters.conflicts).toBe(1)
  expect(await b.tips()).toEqual(await a.tips())
  const c = await Site.memory()
  await started([{ from: b, to: c }])
  expect(await c.tips()).toEqual(await a.tips())
})

test('a journal that begins anew makes a new pass by itself', async () => {
  const [a, b] = await pair()
  const [flow] = await started([{ from: a, to: b }])
  await a.write('k', BIG)
  await flow?.catchUp(NEVER)
  const other = await Site.memory()
  await other.write('k2', BIG)
  // A segment in memory has one journal, so another one stands in for the one that was set back.
  const name = checkpointName({ segment: other.segment.guid, uid: other.uid })
  const strange = { position: { ...other.segment.versions.position(other.uid), sequence: 99 } }
  await b.segment.versions.publish(b.uid, [], {
    overwrite: false,
    move: { name, from: undefined, to: strange, parked: [] },
  })
  const [again] = await started([{ from: other, to: b }])
  expect(await b.heads()).toEqual(['k'])
  await again?.catchUp(NEVER)
  expect(await b.heads()).toEqual(['k', 'k2'])
  expect(again?.state.state).toBe('continuous')
})

test('what the source lost waits on the list, the rest goes on, and it comes once it can', async () => {
  const [a, b] = await pair()
  const [flow] = await started([{ from: a, to: b }])
  await a.write('broken', BIG)
  await a.write('whole', 'x')
  if (!(a.segment.chunks instanceof MemoryChunks) || flow === undefined) throw new Error('in memory')
  const lost = a.segment.chunks
    .all()
    .filter(({ ref }) => !ref.node)
    .slice(0, 1)
  a.segment.chunks.lose(lost)
  await flow.catchUp(NEVER)
  expect(await b.heads()).toEqual(['whole'])
  expect(flow.state).toMatchObject({ parked: 1, dueMs: b.clock.ms + LIMITS.retryDelayMsMin })
  expect(checkpointAt(a, b)).toEqual({ position: a.segment.versions.position(a.uid) })
  b.clock.ms += LIMITS.retryDelayMsMin
  await flow.retry(NEVER)
  expect(flow.state).toMatchObject({ parked: 1, dueMs: b.clock.ms + 2 * LIMITS.retryDelayMsMin })
  await a.segment.chunks.put(lost)
  await flow.retry(NEVER)
  expect(flow.state.parked).toBe(1)
  b.clock.ms += 2 * LIMITS.retryDelayMsMin
  await flow.retry(NEVER)
  expect(flow.state).toMatchObject({ parked: 0, dueMs: undefined })
  expect(b.digests).toEqual(a.digests)
})

test('what the sink has no room for waits on the list, and is off it once the source has it no more', async () => {
  const [a, b] = [await Site.memory(), await Site.memory({ quotaCount: 1 })]
  const [flow] = await started([{ from: a, to: b }])
  for (const key of ['a', 'b', 'c']) await a.write(key, BIG + key)
  await flow?.catchUp(NEVER)
  expect(flow?.state.parked).toBe(2)
  await a.segment.versions.expunge(a.uid, [objectKey('b')])
  await a.remove('a')
  await flow?.catchUp(NEVER)
  b.clock.ms += LIMITS.retryDelayMsMin
  await flow?.retry(NEVER)
  expect(flow?.state.parked).toBe(0)
  expect(b.digests).toEqual(a.digests)
})

test.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])('what waits at a sink whose clock is %s is tried as soon as at any other, and no more often', async (_, aheadMs) => {
  const clock = new HandClock(1_800_000_000_000)
  const a = await Site.memory()
  const b = await Site.memory({ quotaCount: 1 }, new HandClock(clock.ms + aheadMs))
  const flow = flowOf({ from: a, to: b, clock })
  await flow.start(NEVER)
  for (const key of ['a', 'b']) await a.write(key, BIG + key)
  await flow.catchUp(NEVER)
  expect(flow.state.parked).toBe(1)
  const pass = async (ms: number): Promise<void> => {
    for (const each of [clock, b.clock]) each.ms += ms
    await flow.retry(NEVER)
  }
  await pass(LIMITS.retryDelayMsMin)
  // Then after two seconds, four and eight.
  for (const tries of [3, 4, 5]) {
    const delayMs = LIMITS.retryDelayMsMin * 2 ** (tries - 2)
    await pass(delayMs - 1)
    expect(triesAt(a, b)).toEqual([tries - 1])
    await pass(1)
    expect(triesAt(a, b)).toEqual([tries])
  }
})

test('chunks that vanish before they are taken are put again', async () => {
  const [a, b] = await pair()
  const { chunks } = b.segment
  if (!(chunks instanceof MemoryChunks)) throw new Error('in memory')
  const faults = new Faults().plan('sink.put done', 1, () => chunks.lose(chunks.all()))
  const [flow] = await started([{ from: a, to: b, faults }])
  await a.write('k', BIG)
  await flow?.catchUp(NEVER)
  expect(faults.unreached()).toEqual([])
  expect(b.digests).toEqual(a.digests)
  expect(checkpointAt(a, b)).toEqual({ position: a.segment.versions.position(a.uid) })
})

test('two that keep one link: the later one goes on from where the other is', async () => {
  const [a, b] = await pair()
  const [one, other] = await started([
    { from: a, to: b },
    { from: a, to: b },
  ])
  if (one === undefined || other === undefined) throw new Error('two flows')
  await a.write('k', BIG)
  await one.catchUp(NEVER)
  await other.catchUp(NEVER)
  expect(await one.isOurs(NEVER)).toBe(true)
  await a.write('k2', BIG)
  await one.catchUp(NEVER)
  await a.write('k3', BIG)
  await other.catchUp(NEVER)
  expect(await other.isOurs(NEVER)).toBe(false)
  await other.start(NEVER)
  await other.catchUp(NEVER)
  expect(checkpointAt(a, b)).toEqual({ position: a.segment.versions.position(a.uid) })
})

test('it counts what went, and what did not have to', async () => {
  const [a, b] = await pair()
  await b.write('other', BIG)
  const [flow] = await started([{ from: a, to: b }])
  await a.write('same', BIG)
  await a.write('tail', `${BIG}and a tail`)
  await a.write('tiny', 'x')
  await flow?.catchUp(NEVER)
  const moved = b.bodies.length
  expect(flow?.state.counts).toMatchObject({
    versionsOffered: 3,
    versionsThere: 0,
    versionsApplied: 3,
    versionManifests: 3,
    dataChunks: moved,
    bytesApplied: 2 * BIG.length + 10,
  })
  expect(moved).toBeLessThan(3)
  expect(flow?.state.counts.bytesMoved).toBeLessThan(40)
})
