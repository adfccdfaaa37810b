import { expect, test } from 'vitest'
import { paceOf } from '../../src/transfer/pace.js'

function slow(bytesPerSecond: number) {
  let now = 50_000
  const waits: number[] = []
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms)
  }
  const pace = paceOf(bytesPerSecond, { nowMs: () => now }, wait)
  return { waits, go: (bytes: number) => pace(bytes, new AbortController().signal), pass: (ms: number) => (now += ms) }
}

test('calls at the same time queue up one after the other', async () => {
  const { waits, go } = slow(1000)
  await Promise.all([go(500), go(250), go(1000)])
  expect(waits).toEqual([500, 750, 1750])
})

test('time that has passed is paid, idle time is not saved up', async () => {
  const { waits, go, pass } = slow(1000)
  await go(1000)
  pass(400)
  await go(100)
  pass(60_000)
  await go(2000)
  expect(waits).toEqual([1000, 700, 2000])
})

test('a clock that is set back makes nobody wait longer', async () => {
  const { waits, go, pass } = slow(1000)
  await go(100)
  pass(-3_600_000)
  await go(100)
  expect(waits).toEqual([100, 200])
})

test('a wait ends when the run is stopped', async () => {
  const stop = new AbortController()
  const pace = paceOf(1, { nowMs: () => 0 })
  const waiting = pace(1_000_000, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})

test('nothing to bring costs no wait', async () => {
  const { waits, go } = slow(1000)
  await go(0)
  expect(waits).toEqual([])
})
