import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashHex } from '../../src/base/hash.js'
import {
  addToCell,
  CELL_BYTES,
  contentEntry,
  DIGEST_CELLS,
  type DigestEntry,
  digestCellOf,
  foldCells,
  fullEntry,
  subtractFromCell,
} from '../../src/format/digest.js'
import { attributesHash } from '../../src/model/attributes.js'
import { contentHash } from '../../src/model/ids.js'
import type { KindName } from '../../src/model/manifest.js'

const HASH = contentHash('c1'.repeat(32))
const FILE: DigestEntry = { key: 'a/b', kind: 'file', size: 258, contentHash: HASH }
const emptyCells = (): Buffer[] => Array.from({ length: DIGEST_CELLS }, () => Buffer.alloc(CELL_BYTES))
const ofHex = (hex: string): string => hashHex(Buffer.from(hex, 'hex'))

test('entries and hashes, format 1: the bytes that are hashed', () => {
  const entry = contentEntry(FILE)
  expect(entry.toString('hex')).toBe(ofHex(`0100000003612f62010000000000000102${HASH}`))
  const attributes = attributesHash({ mode: 0o644, mtimeNs: -1n })
  expect(attributes).toBe(ofHex('010301a4ffffffffffffffff'))
  expect(fullEntry(entry, attributes).toString('hex')).toBe(ofHex(`01${entry.toString('hex')}${attributes}`))
  expect(attributesHash({ xattrs: { b: Buffer.from('2'), aa: Buffer.from('1') } })).toBe(
    ofHex('010000000000000000000000000000026161000000013100000001620000000132'),
  )
})

test('digests, format 1: pinned', () => {
  const cells = emptyCells()
  expect(foldCells(cells)).toBe(hashHex(Buffer.alloc(DIGEST_CELLS * CELL_BYTES)))
  addToCell(cells[digestCellOf(FILE.key)] ?? Buffer.alloc(0), contentEntry(FILE))
  expect([digestCellOf(FILE.key), contentEntry(FILE).toString('hex'), foldCells(cells)]).toEqual([
    127,
    'bd4b8f792d57e5007b87b45ee7fb7dce58fa2e2d061c7363384da2ea8dc68ab2',
    'af28257179309219bb8d790bd3112702095eb7ad5a56bbed7cc6959fecdca145',
  ])
})

test('the cell of a key is the high 12 bits of its CRC-32', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      expect(digestCellOf(key)).toBe(crc32(Buffer.from(key)) >>> 20)
    }),
  )
})

const bytes32 = fc.uint8Array({ minLength: CELL_BYTES, maxLength: CELL_BYTES }).map((raw) => Buffer.from(raw))
const extreme = fc.constantFrom(0x00, 0xff).map((byte) => Buffer.alloc(CELL_BYTES, byte))
const anyNumber = fc.oneof(bytes32, extreme)
const value = (cell: Buffer): bigint => BigInt(`0x${cell.toString('hex')}`)

test('cells add and subtract as 256-bit numbers', () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, (cell, entry) => {
      const sum = Buffer.from(cell)
      addToCell(sum, entry)
      expect(value(sum)).toBe(BigInt.asUintN(256, value(cell) + value(entry)))
      subtractFromCell(sum, entry)
      expect(sum).toEqual(cell)
      subtractFromCell(sum, entry)
      expect(value(sum)).toBe(BigInt.asUintN(256, value(cell) - value(entry)))
    }),
  )
})

test('the order in which entries come does not matter', () => {
  fc.assert(
    fc.property(fc.array(bytes32, { minLength: 2, maxLength: 10 }), (entries) => {
      const [up, down] = [Buffer.alloc(CELL_BYTES), Buffer.alloc(CELL_BYTES)]
      for (const entry of entries) addToCell(up, entry)
      for (const entry of entries.toReversed()) addToCell(down, entry)
      expect(up).toEqual(down)
    }),
  )
})

test('no two entries are encoded alike', () => {
  const anyEntry = fc.record({
    key: fc.string({ maxLength: 3, unit: fc.constantFrom('\u0001', '\u0000', 'a') }),
    kind: fc.constantFrom<KindName>('file', 'link', 'folder'),
    size: fc.nat(3),
    contentHash: fc.constantFrom(HASH, contentHash('00'.repeat(32))),
  })
  fc.assert(
    fc.property(anyEntry, anyEntry, (a, b) => {
      expect(contentEntry(a).equals(contentEntry(b))).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
    { numRuns: 500 },
  )
})

test('attributes: what is unknown differs from zero, xattrs count in byte order, a user’s own keys do not', () => {
  const different = [
    {},
    { mode: 0 },
    { mtimeNs: 0n },
    { mode: 0, mtimeNs: 0n },
    { xattrs: { a: Buffer.from('b') } },
    { xattrs: { ab: Buffer.alloc(0) } },
    { xattrs: { a: Buffer.alloc(0), b: Buffer.alloc(0) } },
  ].map(attributesHash)
  expect(new Set(different).size).toBe(different.length)
  expect(attributesHash({ user: { a: 'b' } })).toBe(attributesHash({}))
  expect(attributesHash({ xattrs: {} })).toBe(attributesHash({}))
  const [low, high] = ['\uff5e', '\u{1f600}']
  const one = { [low]: Buffer.from('1'), [high]: Buffer.from('2') }
  const other = { [high]: Buffer.from('2'), [low]: Buffer.from('1') }
  expect(attributesHash({ xattrs: one })).toBe(attributesHash({ xattrs: other }))
})

test('a digest is over all cells, and tells where they differ', () => {
  const cells = emptyCells()
  const before = foldCells(cells)
  addToCell(cells[4095] ?? Buffer.alloc(0), Buffer.alloc(CELL_BYTES, 1))
  expect(foldCells(cells)).not.toBe(before)
  expect(() => foldCells(cells.slice(1))).toThrow(RangeError)
})
