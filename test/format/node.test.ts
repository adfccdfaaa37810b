import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { decodeNode, encodeNode } from '../../src/format/node.js'
import { admitChunk, makeChunk } from '../../src/model/chunk.js'
import type { TreeEntry } from '../../src/model/endpoint.js'
import { chunkId } from '../../src/model/ids.js'
import { anyChunkId, codeOf, flipped, refusesGarbage } from './samples.js'

const A = chunkId('0a'.repeat(32))
const leaf = (size: number): TreeEntry => ({ span: size, ref: { id: A, size, node: false } })
const branch = (span: number, size: number): TreeEntry => ({ span, ref: { id: A, size, node: true } })
const LEAVES: readonly TreeEntry[] = [leaf(5), { span: 2 ** 40 }, leaf(65_536)]

test('a node of leaves, format 1', () => {
  const zeros = '00'.repeat(32)
  const bytes = encodeNode(1, LEAVES)
  expect(bytes.toString('hex')).toBe(
    ['0101000000000003', `00000000000500000005${A}`, `01000000000000000000${zeros}`, `00000001000000010000${A}`].join(
      '',
    ),
  )
  expect(decodeNode(bytes)).toEqual({ level: 1, entries: LEAVES })
})

test('a node of nodes, format 1', () => {
  const bytes = encodeNode(2, [branch(2 ** 41, 134)])
  expect(bytes.toString('hex')).toBe(`0102000000000001${`02000000000000000086${A}`}`)
  expect(decodeNode(bytes)).toEqual({ level: 2, entries: [branch(2 ** 41, 134)] })
})

const anySize = fc.integer({ min: 1, max: LIMITS.chunkBytesMax })
const anyLeaves = fc
  .array(fc.record({ id: anyChunkId, size: anySize, hole: fc.option(fc.integer({ min: 1, max: 2 ** 30 })) }), {
    minLength: 1,
    maxLength: 20,
  })
  .map((rows) =>
    rows.flatMap(({ id, size, hole }): TreeEntry[] => [
      { span: size, ref: { id, size, node: false } },
      ...(hole === null ? [] : [{ span: hole }]),
    ]),
  )
const anyBranches = fc.array(
  fc.record({ span: anySize, ref: fc.record({ id: anyChunkId, size: anySize, node: fc.constant(true) }) }),
  { minLength: 1, maxLength: 20 },
)

test('what is written is read', () => {
  fc.assert(
    fc.property(anyLeaves, (entries) => {
      expect(decodeNode(encodeNode(1, entries))).toEqual({ level: 1, entries })
    }),
  )
  fc.assert(
    fc.property(anyBranches, fc.integer({ min: 2, max: LIMITS.treeDepthMax }), (entries, level) => {
      expect(decodeNode(encodeNode(level, entries))).toEqual({ level, entries })
    }),
  )
})

test('each flipped byte is found by the id', () => {
  const { ref, codec, data } = makeChunk(encodeNode(1, LEAVES), true, false)
  for (const damaged of flipped(data)) expect(codeOf(() => admitChunk(ref, codec, damaged))).toBe('CORRUPT')
})

function spoilt(at: number, byte: number, level = 1, entries = LEAVES): Buffer {
  const bytes = encodeNode(level, entries)
  bytes.writeUInt8(byte, at)
  return bytes
}

test.each([
  ['version 0', spoilt(0, 0)],
  ['level 0', spoilt(1, 0)],
  ['a level over the deepest', spoilt(1, LIMITS.treeDepthMax + 1)],
  ['a reserved byte', spoilt(3, 1)],
  ['more entries than bytes', spoilt(7, 4)],
  ['fewer entries than bytes', spoilt(7, 2)],
  ['no entries', encodeNode(1, [])],
  ['too many entries', encodeNode(1, Array<TreeEntry>(LIMITS.nodeEntriesMax + 1).fill(leaf(1)))],
  ['an entry that covers nothing', encodeNode(1, [{ span: 0 }])],
  ['a leaf that spans more than it has', spoilt(13, 6)],
  ['a hole with an id', spoilt(8 + 42 + 20, 1)],
  ['a hole over nodes', encodeNode(2, [branch(5, 50), { span: 5 }])],
  ['two holes in a row', encodeNode(1, [leaf(5), { span: 5 }, { span: 5 }])],
  ['a leaf larger than a chunk', encodeNode(1, [leaf(LIMITS.chunkBytesMax + 1)])],
  ['a node larger than a chunk', encodeNode(2, [branch(5, LIMITS.chunkBytesMax + 1)])],
  ['more than an object can have', encodeNode(1, [{ span: LIMITS.objectBytesMax }, leaf(1)])],
  ['too few bytes', Buffer.alloc(7)],
])('%s is refused', (_, bytes) => {
  expect(codeOf(() => decodeNode(bytes))).toBe('CORRUPT')
})

test('a later format is told from damage', () => {
  expect(codeOf(() => decodeNode(spoilt(0, 2)))).toBe('NEWER_FORMAT')
})

test('garbage is refused', () => {
  refusesGarbage(decodeNode, [encodeNode(1, LEAVES), encodeNode(2, [branch(5, 50)])])
})
