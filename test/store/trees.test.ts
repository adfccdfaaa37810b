import { expect, test } from 'vitest'
import { encodeNode } from '../../src/format/node.js'
import { type Chunk, makeChunk } from '../../src/model/chunk.js'
import type { ChunkStore } from '../../src/model/segment.js'
import { lookUnder, type TreeState } from '../../src/store/trees.js'
import { leaf } from '../contracts/samples.js'
import { type Opened, openParts } from './parts.js'

const WIDE = 6

const nodeOver = (level: number, children: readonly Chunk[], span: number): Chunk =>
  makeChunk(
    encodeNode(
      level,
      children.map(({ ref }) => ({ span, ref })),
    ),
    true,
    false,
  )

/** Each node of a level lists all nodes of the one below: few bytes, and many ways down. */
function woven(levels: number): {
  readonly top: readonly Chunk[]
  readonly nodes: readonly Chunk[]
  readonly leaves: readonly Chunk[]
} {
  const leaves = Array.from({ length: WIDE }, (_, i) => leaf(`leaf ${i}`))
  const spanOf = leaves[0]?.ref.size ?? 0
  const nodes: Chunk[] = []
  let below: readonly Chunk[] = leaves
  for (let level = 1; level <= levels; level++) {
    const turned = below.map((_, i) => [...below.slice(i), ...below.slice(0, i)])
    below = turned.map((children) => nodeOver(level, children, spanOf * WIDE ** (level - 1)))
    nodes.push(...below)
  }
  return { top: below, nodes, leaves }
}

/** What is found, and how many nodes were read for it. */
async function look(
  at: Opened,
  roots: readonly Chunk[],
  collecting: boolean,
): Promise<TreeState & { readonly read: number }> {
  let read = 0
  const get: ChunkStore['get'] = (refs) => {
    read += refs.length
    return at.parts.chunks.get(refs)
  }
  const state = await lookUnder(
    roots.map(({ ref }) => ref),
    { index: at.parts.index, chunks: { get }, collecting },
  )
  return { ...state, read }
}

test.each([false, true])(
  'a node that many list is read once, whole or not (while a collection runs: %s)',
  async (collecting) => {
    const at = await openParts()
    const { top, nodes, leaves } = woven(4)
    const [last = leaf('')] = leaves.slice(-1)
    await at.parts.chunks.put([...nodes, ...leaves.slice(0, -1)])
    const lacking = await look(at, top, collecting)
    expect(lacking.read).toBe(nodes.length)
    expect([...lacking.whole]).toEqual([])
    expect(new Set(lacking.missing)).toEqual(new Set([last.ref]))
    await at.parts.chunks.put([last])
    const { read, whole, missing, unsafe } = await look(at, top, collecting)
    expect(read).toBe(nodes.length)
    expect([...whole].sort()).toEqual(nodes.map(({ ref }) => ref.id).sort())
    expect(missing).toEqual([])
    expect([...unsafe].length).toBe(collecting ? nodes.length + leaves.length : 0)
  },
)
