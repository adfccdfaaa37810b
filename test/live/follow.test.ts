import { expect, onTestFinished, test } from 'vitest'
import { BucketWaker } from '../../src/app/link/wakers.js'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { objectKey } from '../../src/model/key.js'
import { checkpointName } from '../../src/transfer/live/flow.js'
import { follow } from '../../src/transfer/live/follow.js'
import { RingWaker, type Waker } from '../../src/transfer/live/waker.js'
import { HandClock } from '../contracts/samples.js'
import { Faults } from '../fakes/faults.js'
import { HomeSite } from './home-site.js'
import { flowOf, Site } from './site.js'

/** Settles when it is so; a test that waits in vain is ended by its runner. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Of a source that somebody else watches. */
class HandWaker implements Waker {
  #wake: (() => void) | undefined
  waits = 0

  wake(): void {
    this.#wake?.()
  }

  wait(_since: unknown, { signal }: { readonly signal?: AbortSignal }): Promise<undefined> {
    this.waits++
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  }
}

test('a change at a home is brought when its doorbell rings, both ways, until it is stopped', async () => {
  const [a, b] = [await HomeSite.make(), await HomeSite.make()]
  const stop = new AbortController()
  const links = [
    { from: a, to: b },
    { from: b, to: a },
  ]
  const flows = links.map(({ from, to }) => ({ from, flow: flowOf({ from: from.site, to: to.site }) }))
  const running = flows.map(async ({ from, flow }) => {
    const waker = new RingWaker(from.segment.onRing, systemClock)
    try {
      await follow(flow, waker, stop.signal)
    } finally {
      waker.close()
    }
  })
  const ended = Promise.allSettled(running)
  try {
    const isIdle = () => flows.every(({ flow }) => flow.state.status === 'idle')
    await until(isIdle)
    await a.site.write('k', 'from a')
    await until(() => b.site.counters.objects === 1)
    await b.site.write('k2', 'from b')
    await until(() => a.site.counters.objects === 2)
    await until(isIdle)
    expect(b.site.digests).toEqual(a.site.digests)
  } finally {
    stop.abort(new Error('stopped'))
    for (const outcome of await ended)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'stopped' } })
    for (const home of [a, b]) await home.close()
  }
})

test('what rang while nobody waited is not lost', async () => {
  let ring: () => void = () => undefined
  const waker = new RingWaker((listener) => {
    ring = listener
    return () => undefined
  }, systemClock)
  const { segment, uid } = await Site.memory()
  const at = segment.versions.position(uid)
  ring()
  await waker.wait(at, {})
  const stop = new AbortController()
  const second = waker.wait(at, { signal: stop.signal })
  ring()
  await second
  await waker.wait(at, { untilMs: systemClock.nowMs() })
  const third = waker.wait(at, { signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(third).rejects.toThrow('enough')
})

test('who waits until a time is woken where the clock went back, by which that time comes late', async () => {
  const clock = new HandClock(1_800_000_000_000)
  const { segment, uid } = await Site.memory()
  let ring: () => void = () => undefined
  const onRing = (listener: () => void) => {
    ring = listener
    return () => undefined
  }
  const at = segment.versions.position(uid)
  const waker = new BucketWaker({ position: async () => at }, onRing, clock)
  const waited = waker.wait(at, { untilMs: clock.ms + 60_000 })
  clock.ms -= 3_600_000
  ring()
  await waited
})

test('what is held up is tried in its time, too, where the clock goes back an hour meanwhile', async () => {
  const clock = new HandClock(1_800_000_000_000)
  const [a, b] = [await Site.memory(), await Site.memory({ quotaCount: 1 }, clock)]
  const flow = flowOf({ from: a, to: b, clock })
  await flow.start(new AbortController().signal)
  for (const key of ['a', 'b']) await a.write(key, 'x')
  await flow.catchUp(new AbortController().signal)
  expect(flow.dueMs).toBe(clock.ms + LIMITS.retryDelayMsMin)
  clock.ms -= 3_600_000
  await flow.catchUp(new AbortController().signal)
  expect(flow.dueMs).toBe(clock.ms + LIMITS.retryDelayMsMin)
})

test('a page that came with the wake is brought without asking for it', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  const faults = new Faults()
  const flow = flowOf({ from: a, to: b, faults })
  const stop = new AbortController()
  const waker: Waker = {
    wait: async (since) => {
      if (flow.state.counts.versionsApplied > 0) {
        stop.abort(new Error('done'))
        stop.signal.throwIfAborted()
      }
      await a.write('k', 'x')
      return a.live().source.changes(since, { without: b.segment.guid })
    },
  }
  await expect(follow(flow, waker, stop.signal)).rejects.toThrow('done')
  // The one of the start.
  expect(faults.count('source.changes')).toBe(1)
  expect(b.digests).toEqual(a.digests)
})

test('a sink that was set back gets what it lacks, and not only the page that came with the wake', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  const flow = flowOf({ from: a, to: b })
  const stop = new AbortController()
  const early = a.segment.versions.position(a.uid)
  let waits = 0
  const waker: Waker = {
    wait: async (since) => {
      waits++
      if (waits === 3) stop.abort(new Error('done'))
      stop.signal.throwIfAborted()
      if (waits === 2) await setBack()
      await a.write(`k${waits}`, 'x')
      return a.live().source.changes(since, { without: b.segment.guid })
    },
  }
  async function setBack(): Promise<void> {
    await b.segment.versions.expunge(b.uid, [objectKey('k1')])
    const name = checkpointName({ segment: a.segment.guid, uid: a.uid })
    const from = b.segment.versions.checkpoint(b.uid, name)
    const move = { name, from, to: { position: early }, parked: [] }
    await b.live().sink.take([], { by: a.segment.guid, move })
  }
  await expect(follow(flow, waker, stop.signal)).rejects.toThrow('done')
  expect(await b.heads()).toEqual(['k1', 'k2'])
  expect(b.digests).toEqual(a.digests)
})

test('with a delay, what comes in that time goes in one', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  const faults = new Faults()
  const flow = flowOf({ from: a, to: b, faults })
  const stop = new AbortController()
  const waker = new HandWaker()
  const running = follow(flow, waker, stop.signal, { processingDelayMs: 50 })
  onTestFinished(() => stop.abort())
  await until(() => waker.waits === 1)
  const takes = faults.count('sink.take')
  await a.write('k', 'x')
  waker.wake()
  await a.write('k2', 'x')
  await until(() => waker.waits === 2)
  expect(faults.count('sink.take')).toBe(takes + 1)
  expect(b.counters.objects).toBe(2)
  stop.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

test('what waits on the list is tried again when its time has come', async () => {
  const [a, b] = [await Site.memory(), await Site.memory({ quotaCount: 0 })]
  await a.write('k', 'x')
  const flow = flowOf({ from: a, to: b })
  const stop = new AbortController()
  const untils: (number | undefined)[] = []
  const waker: Waker = {
    wait: async (_, { untilMs }) => {
      untils.push(untilMs)
      if (untilMs === undefined) stop.abort(new Error('nothing waits'))
      stop.signal.throwIfAborted()
      if (untils.length === 2) await b.segment.names.set(b.bucket.path, () => ({}))
      b.clock.ms = untilMs ?? 0
      return undefined
    },
  }
  await expect(follow(flow, waker, stop.signal)).rejects.toThrow('nothing waits')
  const start = 1_700_000_000_000 + LIMITS.retryDelayMsMin
  expect(untils).toEqual([start, start + 2 * LIMITS.retryDelayMsMin, undefined])
  expect(b.digests).toEqual(a.digests)
})

test('what fails is thrown once all has settled, and says that nothing runs any more', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  await a.write('k', 'x'.repeat(200))
  const faults = new Faults().plan('sink.put', 1, () => {
    throw new Error('the network')
  })
  const flow = flowOf({ from: a, to: b, faults })
  await expect(follow(flow, new HandWaker(), new AbortController().signal)).rejects.toThrow('the network')
  expect(flow.state.status).toBe('idle')
})
