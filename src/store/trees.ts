import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { childrenOf } from '../format/node.js'
import type { Chunk, ChunkRef } from '../model/chunk.js'
import type { ChunkId } from '../model/ids.js'
import type { ChunkStore } from '../model/segment.js'
import type { ChunkIndex } from './index/chunk-rows.js'

/** What is under roots. */
export interface TreeState {
  /** The nodes that were found whole. */
  readonly whole: ReadonlySet<ChunkId>
  /** What is not here, at most LIMITS.missingRefsMax. */
  readonly missing: readonly ChunkRef[]
  /** What is here and could go before it is published: what is condemned; while a collection runs, all that was looked at. */
  readonly unsafe: ReadonlySet<ChunkId>
}

export interface TreeSearch {
  readonly index: ChunkIndex
  readonly chunks: Pick<ChunkStore, 'get'>
  /** A collection runs: that a node is known to be whole proves nothing. */
  readonly collecting: boolean
  /** All under the roots was there when they were published: only the roots are looked for, and may be lost by now. */
  readonly vouched?: boolean
}

/** Nodes that are read in one go. */
const NODES_AT_ONCE = 64

/**
 * Goes from the roots down; `newNodes` is shown all that stands below, and says which of them are nodes to be looked under. Depth
 * first, a batch of siblings at a time: what waits is bounded by depth times fan-out times batch.
 */
export async function visitTrees(
  chunks: Pick<ChunkStore, 'get'>,
  roots: readonly ChunkRef[],
  newNodes: (refs: readonly ChunkRef[]) => ChunkRef[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting = newNodes(roots)
  while (waiting.length > 0) {
    signal?.throwIfAborted()
    for (const node of await chunks.get(waiting.splice(-NODES_AT_ONCE))) waiting.push(...newNodes(childrenOf(node)))
  }
}

/** Looks from the roots down, stopping at what is known to be whole. */
export async function lookUnder(roots: readonly ChunkRef[], search: TreeSearch): Promise<TreeState> {
  const seen: Seen = { whole: new Set(), lacking: new Set(), missing: new Map(), unsafe: new Set() }
  if (search.vouched === true) for (const ref of roots.filter(({ id }) => !search.index.isKnown(id))) miss(seen, ref)
  else await look(roots, seen, search)
  return { ...seen, missing: [...seen.missing.values()] }
}

/** What has been found so far. A node may stand in many places: it is looked under once. */
interface Seen {
  readonly whole: Set<ChunkId>
  /** Nodes under which something is missing. */
  readonly lacking: Set<ChunkId>
  readonly missing: Map<ChunkId, ChunkRef>
  readonly unsafe: Set<ChunkId>
}

function miss({ missing }: Seen, ref: ChunkRef): void {
  if (missing.size < LIMITS.missingRefsMax) missing.set(ref.id, ref)
}

/** Whether all of them are whole, or leaves that are here. */
async function look(refs: readonly ChunkRef[], seen: Seen, search: TreeSearch): Promise<boolean> {
  const unsure = new Map<ChunkId, ChunkRef>()
  let complete = true
  for (const ref of refs) {
    if (seen.whole.has(ref.id)) continue
    if (seen.lacking.has(ref.id)) {
      complete = false
      continue
    }
    const found = search.index.state(ref.id)
    // What was put before the search is in a file by now; what somebody else is writing only now may fail.
    if (found === undefined || !found.written) {
      complete = false
      miss(seen, ref)
      continue
    }
    if (found.condemned || search.collecting) seen.unsafe.add(ref.id)
    if (ref.node && (!found.whole || search.collecting)) unsure.set(ref.id, ref)
  }
  const nodes = [...unsure.values()]
  for (let from = 0; from < nodes.length; from += NODES_AT_ONCE) {
    for (const node of await search.chunks.get(nodes.slice(from, from + NODES_AT_ONCE))) {
      const isWhole = await look(childrenOf(node), seen, search)
      if (isWhole) seen.whole.add(node.ref.id)
      else seen.lacking.add(node.ref.id)
      complete &&= isWhole
    }
  }
  return complete
}

/** Those that are here and whole, in order. */
export async function readable(chunks: Pick<ChunkStore, 'get'>, refs: readonly ChunkRef[]): Promise<Chunk[]> {
  try {
    return await chunks.get(refs)
  } catch (error) {
    if (!(error instanceof EfsError) || (error.code !== 'NOT_FOUND' && error.code !== 'CORRUPT')) throw error
    const found: Chunk[] = []
    if (refs.length > 1) for (const ref of refs) found.push(...(await readable(chunks, [ref])))
    return found
  }
}
