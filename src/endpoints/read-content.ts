import { LIMITS } from '../base/limits.js'
import { decodeNode } from '../format/node.js'
import type { ByteRange } from '../model/byte-range.js'
import { type ChunkRef, plainOf } from '../model/chunk.js'
import type { TreeEntry } from '../model/endpoint.js'
import type { Content } from '../model/manifest.js'
import type { ChunkStore } from '../model/segment.js'

interface Piece {
  readonly start: number
  readonly entry: TreeEntry
}

const ZEROS = new Uint8Array(LIMITS.parcelBytesMax)

/**
 * The plain bytes of an object within a range, in order, in pieces of at most a few MiB. Reads ahead nothing, holds one
 * path of the tree and one batch of chunks.
 * @throws NOT_FOUND where a chunk is not here, CORRUPT
 */
export async function* readContent(
  chunks: Pick<ChunkStore, 'get'>,
  content: Content,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { root } = content
  if ('inline' in root) {
    yield root.inline.subarray(range.start, range.end)
    return
  }
  const batch: Piece[] = []
  let bytes = 0
  for await (const piece of leaves(chunks, { start: 0, entry: { span: content.size, ref: root.ref } }, range, signal)) {
    batch.push(piece)
    bytes += piece.entry.ref?.size ?? 0
    if (bytes < LIMITS.parcelBytesMax && batch.length < LIMITS.parcelObjectsMax) continue
    yield* bytesOf(chunks, batch.splice(0), range, signal)
    bytes = 0
  }
  yield* bytesOf(chunks, batch, range, signal)
}

/** The chunks and holes under a tree entry that touch the range, in order. */
async function* leaves(
  chunks: Pick<ChunkStore, 'get'>,
  piece: Piece,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  if (piece.start >= range.end || piece.start + piece.entry.span <= range.start) return
  if (piece.entry.ref?.node !== true) {
    yield piece
    return
  }
  const [node] = await chunks.get([piece.entry.ref], { signal })
  if (node === undefined) return
  let start = piece.start
  for (const entry of decodeNode(plainOf(node)).entries) {
    yield* leaves(chunks, { start, entry }, range, signal)
    start += entry.span
  }
}

async function* bytesOf(
  chunks: Pick<ChunkStore, 'get'>,
  pieces: readonly Piece[],
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const refs = pieces.flatMap(({ entry }): ChunkRef[] => (entry.ref === undefined ? [] : [entry.ref]))
  const loaded = await chunks.get(refs, { signal })
  let next = 0
  for (const { start, entry } of pieces) {
    const from = Math.max(0, range.start - start)
    const to = Math.min(entry.span, range.end - start)
    const chunk = entry.ref === undefined ? undefined : loaded[next++]
    if (chunk !== undefined) yield plainOf(chunk).subarray(from, to)
    else for (let at = from; at < to; at += ZEROS.length) yield ZEROS.subarray(0, Math.min(ZEROS.length, to - at))
  }
}
