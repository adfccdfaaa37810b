import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { decodeNode } from '../../src/format/node.js'
import { TreeBuilder } from '../../src/format/tree-builder.js'
import { type Chunk, type ChunkRef, plainOf } from '../../src/model/chunk.js'
import type { TreeEntry } from '../../src/model/endpoint.js'
import { chunkId } from '../../src/model/ids.js'
import { codeOf } from './samples.js'

const SIZE = 1000
/** Leaf `n` of an object whose chunks all differ. */
const leaf = (n: number): TreeEntry => {
  const id = chunkId(createHash('sha256').update(String(n)).digest('hex'))
  return { span: SIZE, ref: { id, size: SIZE, node: false } }
}
const leaves = (count: number): TreeEntry[] => Array.from({ length: count }, (_, n) => leaf(n))

interface Built {
  readonly root: { readonly ref: ChunkRef; readonly depth: number }
  readonly nodes: readonly Chunk[]
}

function build(entries: Iterable<TreeEntry>): Built {
  const builder = new TreeBuilder()
  const nodes: Chunk[] = []
  for (const entry of entries) {
    builder.add(entry)
    nodes.push(...builder.takeNodes())
  }
  const root = builder.finish()
  return { root, nodes: [...nodes, ...builder.takeNodes()] }
}

const byId = ({ nodes }: Built): Map<string, Chunk> => new Map(nodes.map((node) => [node.ref.id, node]))

/** Leaves and holes from left to right, and how many entries each node but the last of its level has. */
function walk(built: Built): { entries: TreeEntry[]; sizes: number[] } {
  const nodes = byId(built)
  const entries: TreeEntry[] = []
  const sizes: number[] = []
  const visit = (ref: ChunkRef, depth: number, isLast: boolean): void => {
    const node = nodes.get(ref.id)
    if (node === undefined) throw new Error('a node is missing')
    const { level, entries: children } = decodeNode(plainOf(node))
    expect(level).toBe(depth)
    if (!isLast) sizes.push(children.length)
    children.forEach((child, i) => {
      if (level === 1) entries.push(child)
      else if (child.ref) visit(child.ref, depth - 1, isLast && i === children.length - 1)
    })
  }
  if (built.root.depth > 0) visit(built.root.ref, built.root.depth, true)
  return { entries, sizes }
}

const difference = (a: Built, b: Built): string[] => [...byId(a).keys()].filter((id) => !byId(b).has(id))

test('one chunk is its own root', () => {
  const { root, nodes } = build([leaf(1)])
  expect(root).toEqual({ ref: leaf(1).ref, depth: 0 })
  expect(nodes).toEqual([])
})

test('a hole alone, and a chunk beside a hole, have a node', () => {
  for (const entries of [[{ span: 2 ** 40 }], [leaf(1), { span: 5 }], [{ span: 5 }, leaf(1)]]) {
    const built = build(entries)
    expect(built.root.depth).toBe(1)
    expect(built.nodes).toHaveLength(1)
    expect(walk(built).entries).toEqual(entries)
  }
})

test('two chunks, format 1', () => {
  const { root, nodes } = build([leaf(1), leaf(2)])
  expect(nodes.map((node) => node.ref)).toEqual([root.ref])
  expect(root).toEqual({
    ref: { id: '68820d933bd21532cc305386719ab4f1f3d981e3586da789765a6a98df20e2bd', size: 92, node: true },
    depth: 1,
  })
})

test('100,000 chunks, format 1: where nodes end is part of the format', () => {
  const built = build(leaves(100_000))
  expect([built.root.depth, built.nodes.length]).toEqual([3, 398])
  expect(built.root.ref.id).toBe('af6491a8ceceba4514c3e7ade9fb3e837d58cef87420a1b1926ccceb99db5d59')
})

test('leaves come back in order, nodes keep the limits and the average', () => {
  const all = leaves(100_000)
  const { entries, sizes } = walk(build(all))
  expect(entries).toEqual(all)
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(LIMITS.nodeEntriesMin)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMITS.nodeEntriesMax)
  const average = sizes.reduce((a, b) => a + b) / sizes.length
  expect(Math.abs(average - LIMITS.nodeEntriesAvg)).toBeLessThan(LIMITS.nodeEntriesAvg / 4)
})

test('any number of entries around the cuts gives a tree that reads back', () => {
  const all = leaves(3000)
  const { sizes } = walk(build(all))
  const first = sizes[0] ?? 0
  for (const count of [2, 63, 64, 65, first - 1, first, first + 1, first + (sizes[1] ?? 0)]) {
    const built = build(all.slice(0, count))
    expect(walk(built).entries).toEqual(all.slice(0, count))
    expect(built.root.depth).toBe(count <= first ? 1 : 2)
  }
})

test('children come before parents, and every node is taken once', () => {
  const built = build(leaves(20_000))
  const seen = new Set<string>()
  for (const node of built.nodes) {
    const { level, entries } = decodeNode(plainOf(node))
    if (level > 1) for (const { ref } of entries) expect(seen.has(ref?.id ?? '')).toBe(true)
    expect(seen.has(node.ref.id)).toBe(false)
    seen.add(node.ref.id)
  }
  expect(built.nodes.at(-1)?.ref).toEqual(built.root.ref)
})

test.each([
  ['in front', 0],
  ['in the middle', 50_000],
  ['at the end', 100_000],
])('a chunk that is inserted %s of 100,000 changes a few nodes a level', (_, at) => {
  const all = leaves(100_000)
  const before = build(all)
  const after = build([...all.slice(0, at), leaf(-1), ...all.slice(at)])
  expect(before.nodes.length).toBeGreaterThan(300)
  expect(difference(after, before).length).toBeLessThanOrEqual(3 * after.root.depth)
})

test('equal chunks, which never end a node by their id, still end it at the limit', () => {
  const same = leaves(1000).find(({ ref }) => Number.parseInt(ref?.id.slice(56) ?? '', 16) % 192 !== 0) ?? leaf(0)
  const all = Array<TreeEntry>(5000).fill(same)
  const { entries, sizes } = walk(build(all))
  expect(entries).toEqual(all)
  expect(new Set(sizes)).toEqual(new Set([LIMITS.nodeEntriesMax]))
})

test('how a hole was split on its way does not matter', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), pieces), { minLength: 1, maxLength: 20 }), (runs) => {
      const split = runs.flatMap(([n, spans]) => [leaf(n), ...spans.map((span) => ({ span }))])
      const merged = runs.flatMap(([n, spans]) => [leaf(n), { span: spans.reduce((a, b) => a + b) }])
      expect(build(split).root).toEqual(build(merged).root)
      expect(walk(build(split)).entries).toEqual(merged)
    }),
  )
})

test('an object of 64 TiB of holes and a few chunks is built, and one over the limit is refused', () => {
  const hole = { span: 2 ** 36 }
  const parts = Array.from({ length: 1024 }, (_, n): TreeEntry => (n % 100 === 50 ? leaf(n) : hole))
  const { root, nodes } = build(parts)
  expect(root.depth).toBe(1)
  expect(nodes).toHaveLength(1)
  const builder = new TreeBuilder()
  builder.add({ span: LIMITS.objectBytesMax })
  expect(codeOf(() => builder.add(leaf(1)))).toBe('FAILED')
})

test('nodes are handed out as soon as they end, at the latest when they are full', () => {
  const builder = new TreeBuilder()
  let [since, longest, most] = [0, 0, 0]
  for (let n = 0; n < 200_000; n++) {
    builder.add(leaf(n))
    const made = builder.takeNodes().length
    since = made === 0 ? since + 1 : 0
    longest = Math.max(longest, since)
    most = Math.max(most, made)
  }
  expect(longest).toBeLessThan(LIMITS.nodeEntriesMax)
  expect(most).toBeLessThanOrEqual(LIMITS.treeDepthMax)
})
