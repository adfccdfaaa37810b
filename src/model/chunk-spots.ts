import type { ChunkRef, Codec } from './chunk.js'
import type { ChunkId } from './ids.js'

/** Where a record of a chunk stands in a pack that somebody else holds. */
export interface ChunkSpot {
  /** 32 lowercase hex digits. */
  readonly pack: string
  /** Where the record starts. */
  readonly offset: number
  /** Bytes of the payload. */
  readonly length: number
  readonly codec: Codec
}

export interface PlacedChunk extends Omit<ChunkSpot, 'pack'> {
  readonly id: ChunkId
  /** Plain bytes. */
  readonly size: number
}

export interface PackContents {
  readonly pack: string
  readonly chunks: readonly PlacedChunk[]
}

/** What an index knows of chunks whose bytes are elsewhere. What it has learnt is durable when the call returns, all or nothing. */
export interface SpotIndex {
  /** A leaf counts when it has a spot, a node when everything under it has one too. */
  isPresent(ref: ChunkRef): boolean
  find(id: ChunkId): ChunkSpot | undefined
  /** A chunk that has a spot already keeps it. `source` is what said so: it counts as read from then on. */
  learn(packs: readonly PackContents[], source: string): void
  /** Everything under these is there, as far as they are there themselves. */
  learnWhole(nodes: readonly ChunkId[]): void
  isRead(source: string): boolean
  noteRead(source: string): void
  /** Sources that are none of these are forgotten. */
  keepRead(sources: ReadonlySet<string>): void
}
