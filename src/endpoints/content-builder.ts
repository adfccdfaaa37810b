import { hashHex, StreamHash } from '../base/hash.js'
import { Cutter } from '../chunker/cutter.js'
import { TreeBuilder } from '../format/tree-builder.js'
import { type Chunk, type ChunkRef, chunkIdOf } from '../model/chunk.js'
import type { ContentHash } from '../model/ids.js'
import type { TreeRoot } from '../model/manifest.js'
import type { Chunking } from '../model/settings.js'

/** A chunk that was cut: its place in the object, and where its bytes begin in the buffer that was given. */
export type OnSlice = (ref: ChunkRef, offset: number, at: number) => void

export interface Built {
  readonly size: number
  readonly contentHash: ContentHash
  readonly root: TreeRoot
}

/** Turns the bytes of one object, in windows, into slices, tree nodes and a root. One use. */
export class ContentBuilder {
  readonly #cutter: Cutter
  readonly #tree = new TreeBuilder()
  #offset = 0
  #only: ChunkRef | undefined
  #hash: StreamHash | undefined
  #whole: ContentHash | undefined

  constructor(chunking: Chunking) {
    this.#cutter = new Cutter(chunking)
  }

  /**
   * Takes the bytes in [start, end), which begin where the last call ended, as far as they can be cut, and returns where
   * it ended. `final`: the object ends at `end`, and all is taken. A buffer of `Cutter.lookAhead` bytes always gets on.
   */
  take(bytes: Buffer, start: number, end: number, final: boolean, onSlice: OnSlice): number {
    const first = this.#offset === 0
    let at = start
    while (at < end) {
      const piece = this.#cutter.cut(bytes, at, end, final)
      if (piece === undefined) break
      this.#add(bytes, at, piece.length, piece.hole, onSlice)
      at += piece.length
    }
    if (first && final) this.#whole = this.#hashWhole(bytes.subarray(start, at))
    else this.#hashPart(bytes.subarray(start, at))
    return at
  }

  /** The tree nodes made since the last call, children before parents. */
  takeNodes(): Chunk[] {
    return this.#tree.takeNodes()
  }

  /** Ends an object of at least one byte. The last nodes are left for `takeNodes`. */
  finish(): Built {
    const contentHash = this.#whole ?? (this.#hash?.digestHex() as ContentHash | undefined)
    if (contentHash === undefined) throw new Error('an object without bytes')
    return { size: this.#offset, contentHash, root: this.#tree.finish() }
  }

  #add(bytes: Buffer, at: number, length: number, hole: boolean, onSlice: OnSlice): void {
    if (hole) this.#tree.add({ span: length })
    else {
      const ref = { id: chunkIdOf(bytes.subarray(at, at + length)), size: length, node: false }
      this.#only = ref
      this.#tree.add({ span: length, ref })
      onSlice(ref, this.#offset, at)
    }
    this.#offset += length
  }

  /** The hash of an object that came in one window; one that is a single chunk has been hashed already. */
  #hashWhole(all: Buffer): ContentHash {
    return (this.#only?.size === all.length ? this.#only.id : hashHex(all)) as string as ContentHash
  }

  #hashPart(part: Buffer): void {
    this.#hash ??= new StreamHash()
    this.#hash.update(part)
  }
}
