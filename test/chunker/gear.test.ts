import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import wabt from 'wabt'
import { GEAR, Gear, highBits } from '../../src/chunker/gear.js'
import { GEAR_CODE } from '../../src/chunker/gear-code.js'
import { noise } from './bytes.js'

/** The rule in its plainest form, from no bytes before. */
function plainFind(bytes: Buffer, from: number, to: number, mask: number): number {
  let hash = 0
  for (let at = from; at < to; at++) {
    hash = (2 * hash + (GEAR[bytes[at] ?? 0] ?? 0)) | 0
    if ((hash & mask) === 0) return at + 1
  }
  return 0
}

const spans = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  length: fc.integer({ min: 0, max: 50_000 }),
  from: fc.integer({ min: 0, max: 70 }),
  bits: fc.integer({ min: 1, max: 18 }),
})

test('the place is that of the rule, wherever the bytes begin and end', () => {
  fc.assert(
    fc.property(spans, ({ seed, length, from, bits }) => {
      const bytes = noise(seed, from + length)
      const mask = highBits(bits)
      expect(new Gear().find(bytes, from, bytes.length, mask)).toBe(plainFind(bytes, from, bytes.length, mask))
    }),
    { numRuns: 300 },
  )
})

test('a search that goes on where the last one ended is one search, whoever searches in between', () => {
  fc.assert(
    fc.property(spans, fc.array(fc.integer({ min: 0, max: 9000 })), ({ seed, length, bits }, steps) => {
      const bytes = noise(seed, length)
      const mask = highBits(bits)
      const gear = new Gear()
      let at = 0
      let place = 0
      for (const step of [...steps, length]) {
        const to = Math.min(length, at + step)
        place ||= gear.find(bytes, at, to, mask)
        new Gear().find(bytes, 0, length, highBits(31))
        at = to
      }
      expect(place).toBe(plainFind(bytes, 0, length, mask))
    }),
    { numRuns: 300 },
  )
})

test('memory that threads share is searched like any other', () => {
  const shared = Buffer.from(new SharedArrayBuffer(100_000))
  noise(7, 100_000).copy(shared)
  const mask = highBits(16)
  expect(new Gear().find(shared, 3, shared.length, mask)).toBe(plainFind(shared, 3, shared.length, mask))
})

test('the code is that of its text', async () => {
  const { parseWat } = await wabt()
  const text = readFileSync(new URL('../../../src/chunker/gear.wat', import.meta.url), 'utf8')
  expect(Buffer.from(GEAR_CODE)).toEqual(Buffer.from(parseWat('gear.wat', text).toBinary({}).buffer))
})
