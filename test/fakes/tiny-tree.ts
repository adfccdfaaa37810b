import { hashHex } from '../../src/base/hash.js'
import { encodeNode } from '../../src/format/node.js'
import { type Chunk, makeChunk } from '../../src/model/chunk.js'
import type { TreeEntry } from '../../src/model/endpoint.js'
import type { ContentHash } from '../../src/model/ids.js'
import type { Attributes, Content, KindName } from '../../src/model/manifest.js'

const FAN_OUT = 4
const INLINE_BYTES_MAX = 4

export interface Leaf {
  readonly offset: number
  readonly chunk: Chunk
}

/** Content cut into very small chunks under a very narrow tree, so that a few hundred bytes are a deep one. */
export interface TinyTree {
  readonly content: Content
  readonly leaves: readonly Leaf[]
  /** Children before parents. */
  readonly nodes: readonly Chunk[]
}

export function tinyTree(kind: KindName, bytes: Uint8Array, attributes: Attributes, chunkBytes: number): TinyTree {
  const body = { kind, size: bytes.length, contentHash: hashHex(bytes) as ContentHash, attributes }
  if (kind !== 'file' || bytes.length <= INLINE_BYTES_MAX) {
    return { content: { ...body, root: { inline: bytes } }, leaves: [], nodes: [] }
  }
  const leaves: Leaf[] = []
  const nodes: Chunk[] = []
  let entries: TreeEntry[] = []
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    const piece = bytes.subarray(offset, offset + chunkBytes)
    if (piece.every((byte) => byte === 0)) {
      const last = entries.at(-1)
      if (last !== undefined && last.ref === undefined) entries.pop()
      entries.push({ span: piece.length + (last?.ref === undefined ? (last?.span ?? 0) : 0) })
      continue
    }
    const chunk = makeChunk(piece, false, false)
    leaves.push({ offset, chunk })
    entries.push({ span: piece.length, ref: chunk.ref })
  }
  let depth = 0
  while (entries.length > 1 || entries[0]?.ref === undefined) {
    depth++
    const above: TreeEntry[] = []
    for (let from = 0; from < entries.length; from += FAN_OUT) {
      const under = entries.slice(from, from + FAN_OUT)
      const node = makeChunk(encodeNode(depth, under), true, false)
      nodes.push(node)
      above.push({ span: under.reduce((sum, { span }) => sum + span, 0), ref: node.ref })
    }
    entries = above
  }
  return { content: { ...body, root: { ref: entries[0].ref, depth } }, leaves, nodes }
}
