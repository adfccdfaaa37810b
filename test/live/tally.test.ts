import { expect, onTestFinished, test, vi } from 'vitest'
import { NO_WIRE } from '../../src/app/link/peer.js'
import { Tally } from '../../src/app/link/tally.js'
import { LIMITS } from '../../src/base/limits.js'
import { LiveNumbers } from '../../src/stats/live-numbers.js'
import { NO_NUMBERS } from '../../src/stats/never-run.js'
import { Faults } from '../fakes/faults.js'
import { flowOf, NEVER, Site } from './site.js'

const PATH = 'Hawaii/Cola/bk1'

test('something new does not take back what heartbeats have proved', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  await a.write('x', 'at first')
  const flow = flowOf({ from: a, to: b })
  await flow.start(NEVER)
  await flow.catchUp(NEVER)
  flow.status = 'idle'
  const { clock } = b
  const numbers = new LiveNumbers(NO_NUMBERS, clock, () => undefined)
  let requests = 0
  const meter = () => ({ ...NO_WIRE, requests: ++requests, latencyMs: 1 })
  const tally = new Tally({ meter, bucketMeter: () => NO_WIRE }, numbers, clock, [PATH], 'both')
  const pair = { here: PATH, there: PATH, pause: false, served: PATH }
  tally.began({ pair, direction: 'send', flow, from: a.live(), to: b.live() })
  const counted = async () => {
    await tally.count()
    return numbers.read().served.get(PATH)
  }
  await counted()
  clock.ms += 600_000
  tally.heard()
  const heardMs = clock.nowMs()
  expect(await counted()).toMatchObject({ behind: { objects: 0 }, lastSuccessMs: heardMs })

  clock.ms += 1000
  await a.write('y', 'later')
  tally.rang()
  expect(await counted()).toMatchObject({ behind: { objects: 1 }, lastSuccessMs: heardMs })

  // Once the clock is set back, what is proved then counts.
  clock.ms -= 7_200_000
  expect(await counted()).toMatchObject({ lastSuccessMs: heardMs })
  await flow.catchUp(NEVER)
  flow.status = 'idle'
  tally.rang()
  expect(await counted()).toMatchObject({ lastSuccessMs: clock.nowMs() })
})

test('what has arrived is counted at once and told, and not more often than that', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { clock } = await Site.memory()
  let told = 0
  const numbers = new LiveNumbers(NO_NUMBERS, clock, (now) => {
    if (now) told++
  })
  let requests = 0
  const meter = () => ({ ...NO_WIRE, requests: ++requests, latencyMs: 1 })
  const tally = new Tally({ meter, bucketMeter: () => NO_WIRE }, numbers, clock, [PATH], 'both')
  const waitsFor = async (act: () => void): Promise<number> => {
    await tally.count()
    let isOver = false
    const next = tally.next(NEVER).then(() => {
      isOver = true
    })
    act()
    let ms = 0
    for (; !isOver; ms += 10) await vi.advanceTimersByTimeAsync(10)
    await next
    return ms
  }
  expect(await waitsFor(() => tally.rang())).toBe(LIMITS.statsDelayMs)
  expect(told).toBe(0)
  expect(await waitsFor(() => tally.rested())).toBe(LIMITS.arrivedDelayMs)
  expect(await waitsFor(() => void setTimeout(() => tally.rested(), 150))).toBe(150)
  expect(told).toBe(1)
})

test('what went over before a flow was broken off is not taken for saved by the next one', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  await a.write('x', 'a text of some chunks, none of them like another')
  const numbers = new LiveNumbers(NO_NUMBERS, b.clock, () => undefined)
  const meter = () => ({ ...NO_WIRE, latencyMs: 1 })
  const pair = { here: PATH, there: PATH, pause: false, served: PATH }
  const fails = new Faults().plan('sink.take', 2, () => {
    throw new Error('broken off')
  })
  for (const faults of [fails, new Faults()]) {
    const tally = new Tally({ meter, bucketMeter: () => NO_WIRE }, numbers, b.clock, [PATH], 'both')
    const flow = flowOf({ from: a, to: b, faults })
    tally.began({ pair, direction: 'send', flow, from: a.live(), to: b.live() })
    await flow.start(NEVER).catch((error: unknown) => expect(error).toMatchObject({ message: 'broken off' }))
    await tally.count()
  }
  expect(b.digests).toEqual(a.digests)
  expect(numbers.read().served.get(PATH)).toMatchObject({ versionsApplied: 1, savedByDedupe: 0 })
})

test('where much is behind it is counted the less often, until it has arrived', async () => {
  onTestFinished(() => void Object.assign(LIMITS, { behindRowsACount: 1000 }))
  Object.assign(LIMITS, { behindRowsACount: 1 })
  const [a, b] = [await Site.memory(), await Site.memory()]
  for (const key of ['x', 'y', 'z']) await a.write(key, 'a text')
  const numbers = new LiveNumbers(NO_NUMBERS, b.clock, () => undefined)
  let requests = 0
  const meter = () => ({ ...NO_WIRE, requests: ++requests, latencyMs: 1 })
  const tally = new Tally({ meter, bucketMeter: () => NO_WIRE }, numbers, b.clock, [PATH], 'both')
  const flow = flowOf({ from: a, to: b })
  flow.status = 'active'
  const pair = { here: PATH, there: PATH, pause: false, served: PATH }
  tally.began({ pair, direction: 'send', flow, from: a.live(), to: b.live() })
  const objects = async () => {
    await tally.count()
    return numbers.read().served.get(PATH)?.behind.objects
  }
  expect(await objects()).toBe(3)
  await a.write('w', 'one more')
  expect([await objects(), await objects(), await objects()]).toEqual([3, 3, 3])
  expect(await objects()).toBe(4)
  await flow.start(NEVER)
  await flow.catchUp(NEVER)
  flow.status = 'idle'
  expect(await objects()).toBe(0)
})
