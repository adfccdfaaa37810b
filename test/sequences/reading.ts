import { decodeNode } from '../../src/format/node.js'
import { type ChunkRef, plainOf } from '../../src/model/chunk.js'
import type { ChunkStore } from '../../src/model/segment.js'
import { REFS } from './samples.js'
import type { Snapshot } from './snapshot.js'

/** What versions need can be read, and what is said to be here too. @throws NOT_FOUND, CORRUPT */
export async function readAll(chunks: ChunkStore, { buckets }: Snapshot): Promise<void> {
  const versions = [...buckets.values()].flatMap(({ versions }) => [...versions.values()].flat())
  const roots = versions.flatMap(({ manifest: { root } }) => ('inline' in root ? [] : root.ref))
  const missing = new Set(chunks.missing(REFS))
  await readUnder(chunks, [...roots, ...REFS.filter((ref) => !missing.has(ref))])
}

async function readUnder(chunks: ChunkStore, refs: readonly ChunkRef[]): Promise<void> {
  const unique = [...new Map(refs.map((ref) => [ref.id, ref])).values()]
  const nodes = (await chunks.get(unique)).filter(({ ref }) => ref.node)
  if (nodes.length === 0) return
  await readUnder(
    chunks,
    nodes.flatMap((node) => decodeNode(plainOf(node)).entries.flatMap(({ ref }) => ref ?? [])),
  )
}
