import type { Chunk, ChunkRef, Codec } from './chunk.js'
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
  /** A leaf counts when it has a spot in a pack that is not gone, a node when everything under it has one too. */
  isPresent(ref: ChunkRef): boolean
  /** Also in a pack that is gone, where no other spot is known. */
  find(id: ChunkId): ChunkSpot | undefined
  /** A chunk that has a spot already keeps it, unless its pack is gone. `source` is what said so: it counts as read from then on. */
  learn(packs: readonly PackContents[], source: string): void
  /** Everything under these was there when they were published; nothing is learnt while packs are known to be gone. */
  learnWhole(nodes: readonly ChunkId[]): void
  isRead(source: string): boolean
  noteRead(source: string): void
  /** Sources that are none of these are forgotten. */
  keepRead(sources: ReadonlySet<string>): void
  /** All packs that were ever named. */
  packs(): string[]
  /** Those of them that are known to be gone. */
  gone(): ReadonlySet<string>
  isAnyGone(): boolean
  /**
   * These are gone, and no others. Sources that begin with `sources` count as unread then: they may name further spots. No node is
   * known to be whole after it, and no position is where it was.
   */
  setGone(packs: ReadonlySet<string>, sources: string): void
  /** Looks from the roots down, and learns what is whole. Gives what has no spot, some of it where that is much. */
  lacking(roots: readonly ChunkRef[], chunks: ChunkReader): Promise<readonly ChunkRef[]>
}

export interface ChunkReader {
  get(refs: readonly ChunkRef[]): Promise<Chunk[]>
}
