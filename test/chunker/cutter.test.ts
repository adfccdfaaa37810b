import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashHex } from '../../src/base/hash.js'
import { LIMITS } from '../../src/base/limits.js'
import { Cutter, type Piece } from '../../src/chunker/cutter.js'
import type { Chunking } from '../../src/model/settings.js'
import { cutInWindows, cutWhole, noise } from './bytes.js'

const SMALL: Chunking = { kind: 'fastcdc', bytes: LIMITS.chunkBytesLeast }
const FIXED: Chunking = { kind: 'fixed', bytes: LIMITS.chunkBytesLeast }
const HOLE = LIMITS.holeBytesMin

/** Noise and zeros in turn, by seeds and lengths. */
const patchwork = fc
  .array(
    fc.record({
      zeros: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1000 }),
      length: fc.oneof(
        fc.integer({ min: 1, max: 40_000 }),
        fc.constantFrom(HOLE - 1, HOLE, HOLE + 1, HOLE / 2, 2 * HOLE, 8192, 70_000),
      ),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) =>
    Buffer.concat(parts.map(({ zeros, seed, length }) => (zeros ? Buffer.alloc(length) : noise(seed, length)))),
  )

const total = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** The runs of at least HOLE zeros, found in the plainest way. */
function plainHoles(bytes: Buffer): { start: number; length: number }[] {
  const holes: { start: number; length: number }[] = []
  for (let at = 0; at < bytes.length; ) {
    let end = at
    while (end < bytes.length && bytes[end] === 0) end++
    if (end - at >= HOLE) holes.push({ start: at, length: end - at })
    at = end + 1
  }
  return holes
}

function holesOf(pieces: readonly Piece[]): { start: number; length: number }[] {
  let at = 0
  return pieces.flatMap(({ length, hole }) => {
    const start = at
    at += length
    return hole ? [{ start, length }] : []
  })
}

describe.each([
  ['fastcdc', SMALL],
  ['fixed', FIXED],
] as const)('%s', (_, chunking) => {
  test('cuts do not depend on how the bytes arrive, and cover all of them', () => {
    fc.assert(
      fc.property(patchwork, fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1 }), (bytes, arrivals) => {
        let turn = 0
        const inWindows = cutInWindows(chunking, bytes, () => arrivals[turn++ % arrivals.length] ?? 1)
        const whole = cutWhole(chunking, bytes)
        expect(inWindows).toEqual(whole)
        expect(total(whole)).toBe(bytes.length)
      }),
      { numRuns: 150 },
    )
  })

  test('a buffer of lookAhead bytes is always enough', () => {
    const cutter = new Cutter(chunking)
    const bytes = noise(5, cutter.lookAhead)
    expect(cutter.cut(bytes, 0, bytes.length, false)).toBeDefined()
    expect(new Cutter(chunking).cut(bytes, 1, bytes.length, false)).toBeUndefined()
  })
})

describe('fastcdc', () => {
  test('the holes are exactly the long runs of zeros', () => {
    fc.assert(
      fc.property(patchwork, (bytes) => {
        expect(holesOf(cutWhole(SMALL, bytes))).toEqual(plainHoles(bytes))
      }),
      { numRuns: 150 },
    )
  })

  test('chunks keep their bounds; only before a hole or at the end they may be smaller', () => {
    fc.assert(
      fc.property(patchwork, (bytes) => {
        const pieces = cutWhole(SMALL, bytes)
        for (const [index, { length, hole }] of pieces.entries()) {
          if (hole) continue
          expect(length).toBeLessThanOrEqual(SMALL.bytes * LIMITS.chunkSpread)
          const next = pieces[index + 1]
          if (next?.hole === false) expect(length).toBeGreaterThan(SMALL.bytes / LIMITS.chunkSpread)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('a byte in front moves few cuts', () => {
    const bytes = noise(9, 4 << 20)
    const ids = (all: Buffer): Set<string> => {
      let at = 0
      return new Set(
        cutWhole(SMALL, all).map(({ length }) => {
          at += length
          return hashHex(all.subarray(at - length, at))
        }),
      )
    }
    const before = ids(bytes)
    const after = ids(Buffer.concat([Buffer.from('x'), bytes]))
    const changed = [...after].filter((id) => !before.has(id)).length
    expect(before.size).toBeGreaterThan(300)
    expect(changed).toBeLessThanOrEqual(4)
  })

  test('the average is near what was asked', () => {
    const pieces = cutWhole(SMALL, noise(3, 8 << 20))
    const average = (8 << 20) / pieces.length
    expect(average).toBeGreaterThan(SMALL.bytes * 0.8)
    expect(average).toBeLessThan(SMALL.bytes * 1.4)
  })
})

describe('fixed', () => {
  test('cuts stand at multiples of the size, and a block of zeros is a hole', () => {
    const block = FIXED.bytes
    const bytes = Buffer.concat([
      noise(1, block),
      Buffer.alloc(2 * block),
      noise(2, HOLE),
      Buffer.alloc(block),
      noise(3, 10),
    ])
    // The zeros in the fourth and fifth block do not fill either.
    expect(cutWhole(FIXED, bytes)).toEqual([
      { length: block, hole: false },
      { length: 2 * block, hole: true },
      { length: block, hole: false },
      { length: HOLE + 10, hole: false },
    ])
  })

  test('a last block that is short and zero is a hole', () => {
    expect(cutWhole(FIXED, Buffer.alloc(FIXED.bytes + 5))).toEqual([{ length: FIXED.bytes + 5, hole: true }])
  })
})

interface Vector {
  readonly chunking: Chunking
  readonly parts: readonly { readonly zeros?: number; readonly seed?: number; readonly length?: number }[]
  readonly cuts: readonly (readonly [length: number, hole: 0 | 1])[]
}

describe('the cuts are part of the format', () => {
  const file = new URL('../../../test/fixtures/chunker/cuts.json', import.meta.url)
  const vectors: Record<string, Vector> = JSON.parse(readFileSync(file, 'utf8'))
  test.each(Object.entries(vectors))('%s', (_, { chunking, parts, cuts }) => {
    const bytes = Buffer.concat(
      parts.map(({ zeros, seed, length }) => (zeros ? Buffer.alloc(zeros) : noise(seed ?? 1, length ?? 0))),
    )
    expect(cutWhole(chunking, bytes).map(({ length, hole }) => [length, hole ? 1 : 0])).toEqual(cuts)
  })
})
