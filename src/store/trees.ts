import { LIMITS } from '../base/limits.js'
import { decodeNode } from '../format/node.js'
import { type ChunkRef, plainOf } from '../model/chunk.js'
import type { ChunkId } from '../model/ids.js'
import type { ChunkStore } from '../model/segment.js'
import type { ChunkIndex } from './chunk-index.js'

/** What is under roots: the nodes that were found whole, and the refs that are not here, at most LIMITS.missingRefsMax. */
export interface TreeState {
  readonly whole: ChunkId[]
  readonly missing: ChunkRef[]
}

/** Nodes that are read in one go. */
const NODES_AT_ONCE = 64

/** Looks from the roots down, stopping at what is known to be whole. */
export async function lookUnder(
  roots: readonly ChunkRef[],
  index: ChunkIndex,
  chunks: Pick<ChunkStore, 'get'>,
): Promise<TreeState> {
  const state: TreeState = { whole: [], missing: [] }
  await look(roots, state, index, chunks)
  return state
}

/** Whether all of them are whole, or leaves that are here. */
async function look(
  refs: readonly ChunkRef[],
  state: TreeState,
  index: ChunkIndex,
  chunks: Pick<ChunkStore, 'get'>,
): Promise<boolean> {
  const unsure = new Map<ChunkId, ChunkRef>()
  let complete = true
  for (const ref of refs) {
    if (index.isPresent(ref)) continue
    if (ref.node && index.state(ref.id) === 'here') {
      unsure.set(ref.id, ref)
      continue
    }
    complete = false
    if (state.missing.length < LIMITS.missingRefsMax) state.missing.push(ref)
  }
  const nodes = [...unsure.values()]
  for (let from = 0; from < nodes.length; from += NODES_AT_ONCE) {
    for (const node of await chunks.get(nodes.slice(from, from + NODES_AT_ONCE))) {
      const children = decodeNode(plainOf(node)).entries.flatMap(({ ref }) => ref ?? [])
      if (await look(children, state, index, chunks)) state.whole.push(node.ref.id)
      else complete = false
    }
  }
  return complete
}
