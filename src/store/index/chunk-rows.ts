import { LIMITS } from '../../base/limits.js'
import {
  type ChunkRow,
  decodeChunkRow,
  encodeChunkRow,
  rowIsCondemned,
  rowIsLost,
  rowIsWhole,
} from '../../format/rows-chunk.js'
import type { Chunk, ChunkRef } from '../../model/chunk.js'
import type { ChunkId } from '../../model/ids.js'
import type { Placed } from '../packs/writer.js'
import { chunkKey } from './keys.js'
import { readIndexRow, writeIndexRow } from './row.js'
import { ALL, rowsUnder, successor, type Tables } from './tables.js'

/** A chunk that was put and has no row yet. */
export interface PendingChunk extends Placed, Pick<Chunk, 'ref' | 'codec'> {
  readonly storedBytes: number
}

/** What is known of a chunk that is here. */
export interface ChunkState {
  /** Its bytes are in a file. Else somebody is writing them, which may fail. */
  readonly written: boolean
  /** Everything under it is here too, as far as anybody has looked. */
  readonly whole: boolean
  /** It is to be deleted, unless somebody publishes what needs it. */
  readonly condemned: boolean
}

const CLAIMED: ChunkState = { written: false, whole: false, condemned: false }
const PENDING: ChunkState = { ...CLAIMED, written: true }

/** Which chunks are here: the rows, and what this process has put since its last commit. */
export class ChunkIndex {
  readonly #pending = new Map<ChunkId, PendingChunk>()
  #pendingBytes = 0

  constructor(readonly tables: Tables) {}

  /** Undefined where it is not here. */
  state(id: ChunkId): ChunkState | undefined {
    const pending = this.#pending.get(id)
    if (pending !== undefined) return pending.place === undefined ? CLAIMED : PENDING
    const row = this.tables.chunks.getBinaryFast(chunkKey(id))
    if (row === undefined || rowIsLost(row)) return undefined
    return { written: true, whole: rowIsWhole(row), condemned: rowIsCondemned(row) }
  }

  /** A leaf counts when its bytes are here, a node when it is whole. */
  isPresent(ref: ChunkRef): boolean {
    const state = this.state(ref.id)
    return ref.node ? state?.whole === true : state !== undefined
  }

  /** Whether it is here, or was until its pack was gone. */
  isKnown(id: ChunkId): boolean {
    return this.#pending.get(id)?.place !== undefined || this.tables.chunks.doesExist(chunkKey(id))
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
    if (this.state(chunk.ref.id) !== undefined) return undefined
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

  /** In a transaction. A row of another process that was quicker stays, unless that chunk is lost. `lost`: these are, too. */
  insert(chunks: readonly PendingChunk[], lost = false): void {
    if (chunks.length === 0) return
    const index = readIndexRow(this.tables)
    let dense = index.nextDense
    for (const { ref, codec, place } of chunks) {
      const key = chunkKey(ref.id)
      const there = this.tables.chunks.getBinaryFast(key)
      if (place === undefined || (there !== undefined && (lost || !rowIsLost(there)))) continue
      const row = { place, codec, size: ref.size, whole: false, condemned: false, lost, dense: dense++ }
      this.tables.chunks.putSync(key, encodeChunkRow(row))
    }
    writeIndexRow(this.tables, { ...index, nextDense: dense })
  }

  /** In a transaction: everything under these nodes is here. */
  markWhole(nodes: Iterable<ChunkId>): void {
    for (const id of nodes) {
      const row = this.row(id)
      if (row !== undefined && !row.whole) this.write(id, { ...row, whole: true })
    }
  }

  /** In a transaction: what stands in these packs is lost, and nothing else is. No node is known to be whole after it. */
  setLost(packs: ReadonlySet<number>): void {
    const limit = LIMITS.pageRowsMax
    for (let from: Buffer | undefined; ; ) {
      const page = rowsUnder(this.tables.chunks, ALL, { limit, ...(from && { from }) })
      for (const { key, value } of page) {
        const row = decodeChunkRow(value)
        const lost = packs.has(row.place.pack)
        if (row.whole || row.lost !== lost)
          this.tables.chunks.putSync(key, encodeChunkRow({ ...row, whole: false, lost }))
      }
      const last = page.at(-1)
      if (last === undefined || page.length < limit) return
      from = successor(last.key)
    }
  }

  /** In a transaction: somebody needs these. False where one of them has been deleted. */
  pardon(ids: Iterable<ChunkId>): boolean {
    let all = true
    for (const id of ids) {
      const row = this.row(id)
      if (row === undefined) all = false
      else if (row.condemned) this.write(id, { ...row, condemned: false })
    }
    return all
  }

  /** In a transaction. */
  write(id: ChunkId, row: ChunkRow): void {
    this.tables.chunks.putSync(chunkKey(id), encodeChunkRow(row))
  }
}
