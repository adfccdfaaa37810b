import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { decodeClaim, encodeClaim } from '../../src/format/claim.js'
import { decodeFacts, decodeFactsHead, encodeFacts, FACTS_HEAD_BYTES_MAX, type Facts } from '../../src/format/facts.js'
import { decodeSpots, encodeSpots } from '../../src/format/spots.js'
import type { PlacedChunk } from '../../src/model/chunk-spots.js'
import { chunkId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { codeOf } from '../transfer/runs.js'

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((made) => Buffer.from(made).toString('hex'))
const spot = fc.record<PlacedChunk>({
  id: hex(32).map(chunkId),
  offset: fc.integer({ min: 32, max: 2 ** 32 - 1 }),
  length: fc.integer({ min: 1, max: LIMITS.recordBytesMax }),
  size: fc.integer({ min: 1, max: LIMITS.chunkBytesMax }),
  codec: fc.constantFrom(0, 1),
})
const entry = fc.record({
  key: fc
    .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'B', '0', ' ', '~', '/', 'é') })
    .map((text) => objectKey(`k${text}`)),
  manifest: fc.uint8Array({ maxLength: 300 }),
})
const facts = fc.record<Facts>({
  packs: fc.array(fc.record({ pack: hex(16), rows: fc.array(spot, { maxLength: 20 }).map(encodeSpots) })),
  published: fc.array(
    fc.record({ path: fc.constantFrom('a/b/c', 'Hawaii/Cola/bk1'), entries: fc.array(entry, { maxLength: 50 }) }),
  ),
})
const covers = fc.uniqueArray(hex(32), { maxLength: 64 })

const plain = ({ packs, published }: Facts) => ({
  packs: packs.map(({ pack, rows }) => [pack, Buffer.from(rows).toString('hex')]),
  published: published.map(({ path, entries }) => [
    path,
    entries.map(({ key, manifest }) => [key, Buffer.from(manifest).toString('hex')]),
  ]),
})

test('facts come back as they were, under the id that their head hashes to, and tell from their head what they cover', () => {
  fc.assert(
    fc.property(facts, covers, (said, covered) => {
      const { id, bytes } = encodeFacts(said, covered)
      expect(plain(decodeFacts(id, bytes))).toEqual(plain(said))
      const head = decodeFactsHead(bytes.subarray(0, FACTS_HEAD_BYTES_MAX))
      expect(head).toMatchObject({ id, covers: [...covered].sort() })
      expect(encodeFacts(said, [...covered].reverse()).id).toBe(id)
    }),
    { numRuns: 50 },
  )
})

test('no bit of facts can change, and nothing be left off or added', () => {
  const said: Facts = {
    packs: [{ pack: 'ab'.repeat(16), rows: Buffer.alloc(0) }],
    published: [{ path: 'a/b/c', entries: [{ key: objectKey('k'), manifest: Buffer.from('m') }] }],
  }
  const { id, bytes } = encodeFacts(said, ['cd'.repeat(32)])
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    // A version that is not known yet is told as such.
    expect(['CORRUPT', 'NEWER_FORMAT']).toContain(codeOf(() => decodeFacts(id, changed)))
  }
  for (let length = 0; length < bytes.length; length++)
    expect(codeOf(() => decodeFacts(id, bytes.subarray(0, length)))).toBe('CORRUPT')
  expect(codeOf(() => decodeFacts(id, Buffer.concat([bytes, Buffer.of(0)])))).toBe('CORRUPT')
  expect(codeOf(() => decodeFacts('00'.repeat(32), bytes))).toBe('CORRUPT')
})

test('places of chunks come back as they were; what cannot be one is damage', () => {
  fc.assert(
    fc.property(fc.array(spot), (spots) => {
      expect(decodeSpots(encodeSpots(spots))).toEqual(spots)
    }),
    { numRuns: 50 },
  )
  const one: PlacedChunk = { id: chunkId('ab'.repeat(32)), offset: 32, length: 1, size: 1, codec: 0 }
  const wrong: readonly Partial<PlacedChunk>[] = [{ offset: 31 }, { length: 0 }, { size: 0 }, { size: 2 ** 25 }]
  for (const each of wrong) expect(codeOf(() => decodeSpots(encodeSpots([{ ...one, ...each }])))).toBe('CORRUPT')
  expect(codeOf(() => decodeSpots(encodeSpots([one]).subarray(1)))).toBe('CORRUPT')
})

test('a claim comes back as it was; other bytes are none', () => {
  const ids = ['ab', 'cd'].map((byte) => chunkId(byte.repeat(32)))
  const bytes = encodeClaim(ids)
  expect(decodeClaim(bytes)).toEqual(ids)
  expect(decodeClaim(encodeClaim([]))).toEqual([])
  expect(codeOf(() => decodeClaim(bytes.subarray(1)))).toBe('CORRUPT')
  expect(codeOf(() => decodeClaim(bytes.subarray(0, 39)))).toBe('CORRUPT')
  bytes.writeUInt8(2, 7)
  expect(codeOf(() => decodeClaim(bytes))).toBe('NEWER_FORMAT')
})
