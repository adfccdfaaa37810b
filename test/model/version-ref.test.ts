import { expect, test } from 'vitest'
import { type Fingerprint, untouched } from '../../src/model/version-ref.js'

const LOOKED_MS = 1_700_000_000_500
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n
const [OLD, NOW, LATER] = [ns(LOOKED_MS - 1000), ns(LOOKED_MS - 400), ns(LOOKED_MS + 86_400_000)]

const print = (mtimeNs: bigint, ctimeNs: bigint): Fingerprint => ({
  size: 5,
  mtimeNs,
  ctimeNs,
  inode: 7n,
  takenMs: LOOKED_MS,
})

test.each([
  ['was written before the second of the look', print(OLD, OLD), true],
  ['was written within that second', print(NOW, NOW), false],
  ['was written before, and got other rights or another name within it', print(OLD, NOW), true],
  ['has a time in the future that was set before', print(LATER, OLD), true],
  ['has a time in the future that was set within it', print(LATER, NOW), true],
  ['was written within it, and got other rights there', print(NOW, NOW + 300_000_000n), false],
  ['is on a clock that is ahead', print(LATER, LATER), false],
])('a file that looks as before and %s: untouched %#', (_, then, is) => {
  expect(untouched({ ...then, takenMs: LOOKED_MS + 60_000 }, then)).toBe(is)
})

test.each([
  ['within the two seconds that are one tick', 0, false],
  ['in the tick before', -2, true],
  ['a second before, where ticks are shorter', 1, true],
])('times of whole seconds, and a look in the second one of a tick: written %s', (_, seconds, is) => {
  // An odd second.
  const takenMs = LOOKED_MS + 1000
  const at = ns(LOOKED_MS - 500) + BigInt(seconds) * 1_000_000_000n
  const then = { ...print(at, at), takenMs: seconds === 1 ? takenMs + 1000 : takenMs }
  expect(untouched({ ...then, takenMs: takenMs + 60_000 }, then)).toBe(is)
})

test.each([{ size: 6 }, { inode: 8n }, { ctimeNs: NOW }, { mtimeNs: NOW }])(
  'one that looks otherwise is not: %o',
  (other) => {
    expect(untouched({ ...print(OLD, OLD), ...other }, print(OLD, OLD))).toBe(false)
  },
)
