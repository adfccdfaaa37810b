import { expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import { Room } from '../../src/base/room.js'
import { Brakes } from '../../src/link/server/brakes.js'

const { signal } = new AbortController()
const refuse = () => Promise.reject(new EfsError('REFUSED', 'no'))

test('each refusal makes the next try from that address wait longer, up to a limit; another address does not wait', async () => {
  const waits: number[] = []
  const brakes = new Brakes(async (ms) => void waits.push(ms))
  for (let i = 0; i < 12; i++) await expect(brakes.pass('a', signal, refuse)).rejects.toThrow('no')
  expect(waits.slice(0, 3)).toEqual([250, 500, 1000])
  expect(waits.at(-1)).toBe(LIMITS.linkKnockDelayMsMax)
  const before = waits.length
  await brakes.pass('b', signal, async () => undefined)
  expect(waits.length).toBe(before)
  await brakes.pass('a', signal, async () => undefined)
  await brakes.pass('a', signal, async () => undefined)
  expect(waits.length).toBe(before + 1)
})

test('only so many wait at once from one address, and one after the other', async () => {
  let tries = 0
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const brakes = new Brakes(() => held)
  const admit = () => {
    tries++
    return refuse()
  }
  for (let i = 0; i < 2; i++) await expect(brakes.pass('a', signal, admit)).rejects.toThrow('no')
  const waiting = Array.from({ length: LIMITS.linkKnocksMax }, () => brakes.pass('a', signal, admit))
  await expect(brakes.pass('a', signal, admit)).rejects.toThrow('too many')
  expect(tries).toBe(2)
  release()
  await Promise.allSettled(waiting)
  expect(tries).toBe(2 + LIMITS.linkKnocksMax)
})

test('who goes away while waiting is no fault: the wait ends with the reason', async () => {
  const brakes = new Brakes()
  for (let i = 0; i < 2; i++) await expect(brakes.pass('a', signal, refuse)).rejects.toThrow('no')
  const gone = new EfsError('UNREACHABLE', 'the peer went away')
  const leaving = new AbortController()
  const passed = brakes.pass('a', leaving.signal, refuse)
  leaving.abort(gone)
  await expect(passed).rejects.toBe(gone)
})

test('addresses without end do not fill the memory, and errors that are no refusals do not count', async () => {
  const waits: number[] = []
  const brakes = new Brakes(async (ms) => void waits.push(ms))
  const fail = () => Promise.reject(new EfsError('IO', 'disk'))
  for (let i = 0; i < 5; i++) await expect(brakes.pass('a', signal, fail)).rejects.toThrow('disk')
  for (let i = 0; i < 5; i++) await expect(brakes.pass('a', signal, refuse)).rejects.toThrow('no')
  expect(waits.length).toBe(3)
  for (let i = 0; i < LIMITS.linkAddressesMax; i++) await brakes.pass(`${i}`, signal, async () => undefined)
  await brakes.pass('a', signal, async () => undefined)
  expect(waits.length).toBe(3)
})

test('a room lets in as much as it holds, in the order of coming', async () => {
  const room = new Room(10)
  const order: string[] = []
  const enter = async (name: string, amount: number): Promise<() => void> => {
    const leave = await room.enter(amount, signal)
    order.push(name)
    return leave
  }
  const a = await enter('a', 6)
  const waiting = [enter('b', 6), enter('c', 4)]
  const stop = new AbortController()
  const given = room.enter(1, stop.signal)
  stop.abort(new Error('gave up'))
  await expect(given).rejects.toThrow('gave up')
  expect(order).toEqual(['a'])
  a()
  a()
  for (const leave of await Promise.all(waiting)) leave()
  expect(order).toEqual(['a', 'b', 'c'])
  ;(await enter('d', 10))()
})
