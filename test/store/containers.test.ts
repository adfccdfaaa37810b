import { expect, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { withSegment } from '../../src/store/segment.js'
import { expectSound, idOf, packsOwned } from './faulty-homes.js'
import { FaultyWriter } from './faulty-writers.js'
import { home } from './homes.js'

/** In a PID namespace of its own, as in a container. It is the first process there. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

/** A process that was killed may be there a moment longer. */
const SOON = { timeout: 60_000, interval: 100 }

const startInContainer = (where: string): Promise<FaultyWriter> => FaultyWriter.start(where, {}, CONTAINER)

test('processes in two containers write beside each other', async () => {
  const where = await home()
  const inside = await startInContainer(where)
  await inside.ask('open')
  const acknowledged = { one: idOf(await inside.ask('write one')), two: '', three: '', four: '' }
  const outside = await FaultyWriter.start(where)
  await outside.ask('open')
  acknowledged.two = idOf(await outside.ask('write two'))
  acknowledged.three = idOf(await inside.ask('write three'))
  acknowledged.four = idOf(await outside.ask('write four'))
  await inside.ask('close')
  await outside.ask('close')
  await expectSound(where, acknowledged)
})

test('what a container left that was killed is taken over from outside, and from the next container', async () => {
  const where = await home()
  const left = await startInContainer(where)
  await left.ask('open')
  const one = idOf(await left.ask('write one'))
  await left.end('SIGKILL')
  const next = await vi.waitFor(async () => {
    const writer = await startInContainer(where)
    idOf(await writer.ask('open'))
    return writer
  }, SOON)
  const two = idOf(await next.ask('write two'))
  expect(await packsOwned(where)).toBe(1)
  await next.end('SIGKILL')
  await vi.waitFor(async () => {
    await withSegment(where, { clock: systemClock }, () => Promise.resolve())
    expect(await packsOwned(where)).toBe(0)
  }, SOON)
  await expectSound(where, { one, two })
})
