import { type ChunkRow, decodeChunkRow, encodeChunkRow, rowIsWhole } from '../format/rows-chunk.js'
import type { Chunk, ChunkRef } from '../model/chunk.js'
import type { ChunkId } from '../model/ids.js'
import { readIndexRow, writeIndexRow } from './index-row.js'
import { chunkKey } from './keys.js'
import type { Placed } from './pack-writer.js'
import type { Tables } from './tables.js'

/** A chunk that was put and has no row yet. */
export interface PendingChunk extends Placed, Pick<Chunk, 'ref' | 'codec'> {
  readonly storedBytes: number
}

/** `whole`: everything under it is here too, as far as anybody has looked. */
export type ChunkState = 'absent' | 'here' | 'whole'

/** Which chunks are here: the rows, and what this process has put since its last commit. */
export class ChunkIndex {
  readonly #pending = new Map<ChunkId, PendingChunk>()
  #pendingBytes = 0

  constructor(readonly tables: Tables) {}

  state(id: ChunkId): ChunkState {
    if (this.#pending.has(id)) return 'here'
    const row = this.tables.chunks.getBinaryFast(chunkKey(id))
    if (row === undefined) return 'absent'
    return rowIsWhole(row) ? 'whole' : 'here'
  }

  /** A leaf counts when its bytes are here, a node when it is whole. */
  isPresent(ref: ChunkRef): boolean {
    const state = this.state(ref.id)
    return ref.node ? state === 'whole' : state !== 'absent'
  }

  pending(id: ChunkId): PendingChunk | undefined {
    return this.#pending.get(id)
  }

  row(id: ChunkId): ChunkRow | undefined {
    const bytes = this.tables.chunks.getBinaryFast(chunkKey(id))
    return bytes && decodeChunkRow(bytes)
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  get pendingCount(): number {
    return this.#pending.size
  }

  /** The caller writes it. Undefined where it is here already, or somebody is writing it. */
  claim(chunk: Chunk): PendingChunk | undefined {
    if (this.state(chunk.ref.id) !== 'absent') return undefined
    const pending = { ref: chunk.ref, codec: chunk.codec, storedBytes: chunk.data.length, place: undefined }
    this.#pending.set(chunk.ref.id, pending)
    this.#pendingBytes += pending.storedBytes
    return pending
  }

  /** It could not be written, or was cut off again. */
  drop(pending: PendingChunk): void {
    if (this.#pending.get(pending.ref.id) !== pending) return
    this.#pending.delete(pending.ref.id)
    this.#pendingBytes -= pending.storedBytes
  }

  /** Those that are in a file. */
  written(): PendingChunk[] {
    return [...this.#pending.values()].filter(({ place }) => place !== undefined)
  }

  /** In a transaction. A row of another process that was quicker stays. */
  insert(chunks: readonly PendingChunk[]): void {
    if (chunks.length === 0) return
    const index = readIndexRow(this.tables)
    let dense = index.nextDense
    for (const { ref, codec, place } of chunks) {
      const key = chunkKey(ref.id)
      if (place === undefined || this.tables.chunks.doesExist(key)) continue
      const row = { place, codec, size: ref.size, whole: false, condemned: false, dense: dense++ }
      this.tables.chunks.putSync(key, encodeChunkRow(row))
    }
    writeIndexRow(this.tables, { ...index, nextDense: dense })
  }

  /** In a transaction: everything under these nodes is here. */
  markWhole(nodes: Iterable<ChunkId>): void {
    for (const id of nodes) {
      const row = this.row(id)
      if (row !== undefined && !row.whole)
        this.tables.chunks.putSync(chunkKey(id), encodeChunkRow({ ...row, whole: true }))
    }
  }
}
