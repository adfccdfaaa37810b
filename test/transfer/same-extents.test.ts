import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { EfsError, type ErrorCode } from '../../src/base/errors.js'
import { hashHex } from '../../src/base/hash.js'
import { LIMITS } from '../../src/base/limits.js'
import { decodeNode } from '../../src/format/node.js'
import { TreeBuilder } from '../../src/format/tree-builder.js'
import { type Chunk, type ChunkRef, plainOf } from '../../src/model/chunk.js'
import type { Fetcher } from '../../src/model/endpoint.js'
import type { SameExtent } from '../../src/model/extent.js'
import type { ChunkId } from '../../src/model/ids.js'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import { sameExtents, type Tree } from '../../src/transfer/same-extents.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'

const CHUNK = 16
const ABREAST = LIMITS.treeNodesAbreast
afterEach(() => void Object.assign(LIMITS, { treeNodesAbreast: ABREAST }))

/** One chunk for each number; 0 is a hole. */
const bytesOf = (numbers: readonly number[]): Buffer =>
  Buffer.concat(
    numbers.map((n) => {
      const chunk = Buffer.alloc(CHUNK)
      chunk.writeUInt32BE(n)
      return chunk
    }),
  )

function treeOf(bucket: MemoryBucket, key: string): Tree {
  const content = bucket.heads.get(objectKey(key) as ObjectKey)?.manifest
  if (content === undefined || 'inline' in content.root) throw new Error('no tree')
  return { root: content.root, size: content.size }
}

/** What the second has in common with the first, and which nodes that took. */
async function compared(
  was: readonly number[],
  is: readonly number[],
  change: (source: Fetcher) => Fetcher = (s) => s,
) {
  const bucket = new MemoryBucket()
  bucket.write('was', bytesOf(was))
  bucket.write('is', bytesOf(is))
  const fetched: ChunkRef[] = []
  const source = change({
    ...bucket.source,
    fetch: (refs, options) => {
      fetched.push(...refs)
      return bucket.source.fetch(refs, options)
    },
  })
  const same: SameExtent[] = []
  for await (const one of sameExtents(source, treeOf(bucket, 'is'), treeOf(bucket, 'was'), {})) same.push(one)
  return { same, fetched }
}

const total = (same: readonly SameExtent[]): number => same.reduce((sum, { length }) => sum + length, 0) / CHUNK
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
const LONG = range(1, 4097)

test('what is told to be the same is, in order, once, and joined', async () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 90 })
  const edit = fc.record({
    at: fc.nat(90),
    gone: fc.nat(20),
    put: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 9 }),
  })
  await fc.assert(
    fc.asyncProperty(
      numbers,
      fc.array(edit, { maxLength: 4 }),
      fc.constantFrom(1, 2, 5, 128),
      async (was, edits, abreast) => {
        Object.assign(LIMITS, { treeNodesAbreast: abreast })
        const is = [...was, 30, 31]
        for (const { at, gone, put } of edits) is.splice(at, gone, ...put)
        if (is.length < 2) return
        const [before, after] = [bytesOf(was), bytesOf(is)]
        const { same } = await compared(was, is)
        let end = 0
        let follows = -1
        for (const { offset, length, from } of same) {
          expect(offset).toBeGreaterThanOrEqual(end)
          expect(offset === end && from === follows).toBe(false)
          expect(after.subarray(offset, offset + length).equals(before.subarray(from, from + length))).toBe(true)
          end = offset + length
          follows = from + length
        }
        expect(end).toBeLessThanOrEqual(after.length)
      },
    ),
  )
})

test('of trees that are the same but for one chunk only the way to it is entered', async () => {
  const { same, fetched } = await compared(LONG, LONG.with(2000, 5000))
  expect(same).toEqual([
    { offset: 0, length: 2000 * CHUNK, from: 0 },
    { offset: 2001 * CHUNK, length: 2095 * CHUNK, from: 2001 * CHUNK },
  ])
  expect(fetched.length).toBe(2 * 6)
  expect((await compared(LONG, LONG)).fetched).toEqual([])
})

/** As trees are made of content: cut where their entries say so. */
function cutTree(nodes: Map<string, Chunk>, numbers: readonly number[]): Tree {
  const builder = new TreeBuilder()
  for (const n of numbers) {
    const id = hashHex(Buffer.from(`${n}`)) as ChunkId
    builder.add({ span: CHUNK, ref: { id, size: CHUNK, node: false } })
  }
  const root = builder.finish()
  for (const node of builder.takeNodes()) nodes.set(node.ref.id, node)
  return { root, size: numbers.length * CHUNK }
}

const LONGER = range(0, 50_000)
const MOVES: readonly [what: string, is: readonly number[], same: number, nodes: number][] = [
  ['a chunk in front', [99_999, ...LONGER], 50_000, 10],
  ['chunks in the middle', [...LONGER.slice(0, 15_000), 99_998, 99_999, ...LONGER.slice(15_000)], 50_000, 10],
  ['chunks at the end', [...LONGER, ...range(60_000, 90_000)], 50_000, 300],
  ['a chunk in front, and many that went', [99_999, ...LONGER.slice(30_000)], 20_000, 150],
  ['chunks around what is left', [...range(60_000, 60_900), ...LONGER.slice(100, 900), 99_999], 800, 220],
]

test.each(MOVES)('what moved is found: %s', async (_, is, most, mostNodes) => {
  const nodes = new Map<string, Chunk>()
  const [was, now] = [cutTree(nodes, LONGER), cutTree(nodes, is)]
  let fetched = 0
  const source: Pick<Fetcher, 'fetch' | 'entries'> = {
    entries: (node) => decodeNode(plainOf(node)).entries,
    fetch: async (refs) => {
      fetched += refs.length
      return refs.flatMap(({ id }) => nodes.get(id) ?? [])
    },
  }
  const same: SameExtent[] = []
  for await (const one of sameExtents(source, now, was, {})) same.push(one)
  expect(total(same)).toBe(most)
  expect(fetched).toBeLessThanOrEqual(mostNodes)
})

test('in a tree that is wider than it looks at once it finds nearly all', async () => {
  Object.assign(LIMITS, { treeNodesAbreast: 16 })
  const scattered = LONG.map((n) => (n % 100 === 50 ? n + 10_000 : n))
  expect(total((await compared(LONG, scattered)).same)).toBe(4096 - 41)
  expect(total((await compared(LONG, [9999, ...LONG])).same)).toBeGreaterThan(0.9 * 4096)
})

test.each<ErrorCode>(['NOT_FOUND', 'CORRUPT', 'REFUSED'])(
  'where nodes are lost (%s) nothing is the same',
  async (code) => {
    const lost = (source: Fetcher): Fetcher => ({
      ...source,
      fetch: async () => {
        throw new EfsError(code, 'lost')
      },
    })
    expect((await compared(LONG, [9999, ...LONG], lost)).same).toEqual([])
  },
)

test('what makes all fail is no loss', async () => {
  const away = (source: Fetcher): Fetcher => ({
    ...source,
    fetch: async () => {
      throw new EfsError('UNREACHABLE', 'away')
    },
  })
  await expect(compared(LONG, [9999, ...LONG], away)).rejects.toMatchObject({ code: 'UNREACHABLE' })
})
