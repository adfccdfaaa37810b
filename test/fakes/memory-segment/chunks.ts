import { EfsError } from '../../../src/base/errors.js'
import { decodeNode } from '../../../src/format/node.js'
import { admitChunk, type Chunk, type ChunkRef, plainOf } from '../../../src/model/chunk.js'
import type { CallOptions } from '../../../src/model/endpoint.js'
import type { ChunkId } from '../../../src/model/ids.js'
import type { ChunkStore } from '../../../src/model/segment.js'

export class MemoryChunks implements ChunkStore {
  readonly #chunks = new Map<ChunkId, Chunk>()
  /** Nodes under which everything was found when somebody looked. */
  readonly #whole = new Set<ChunkId>()

  missing(refs: readonly ChunkRef[]): ChunkRef[] {
    return refs.filter(({ id, node }) => !(node ? this.#whole : this.#chunks).has(id))
  }

  async get(refs: readonly ChunkRef[], { signal }: CallOptions = {}): Promise<Chunk[]> {
    signal?.throwIfAborted()
    return refs.map((ref) => {
      const { codec, data } = this.held(ref)
      return admitChunk(ref, codec, data)
    })
  }

  async put(chunks: readonly Chunk[], { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    for (const chunk of chunks) this.hold(chunk)
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  /** Takes a chunk in at once; its bytes stay the caller's. */
  hold(chunk: Chunk): void {
    const { ref, codec, data } = chunk
    if (!this.#chunks.has(ref.id)) this.#chunks.set(ref.id, admitChunk(ref, codec, Uint8Array.from(data)))
  }

  /** As it was put. @throws NOT_FOUND */
  held({ id }: ChunkRef): Chunk {
    const chunk = this.#chunks.get(id)
    if (chunk === undefined) throw new EfsError('NOT_FOUND', `chunk ${id.slice(0, 16)} is not here`)
    return chunk
  }

  all(): Chunk[] {
    return [...this.#chunks.values()]
  }

  /** Looks at everything under a ref, itself too: what is not here. */
  lookUnder(ref: ChunkRef): ChunkRef[] {
    if (this.missing([ref]).length === 0) return []
    const chunk = this.#chunks.get(ref.id)
    if (chunk === undefined) return [ref]
    const missing = decodeNode(plainOf(chunk)).entries.flatMap((entry) => (entry.ref ? this.lookUnder(entry.ref) : []))
    if (missing.length === 0) this.#whole.add(ref.id)
    return missing
  }

  /** They are gone, as after damage. What was whole is looked at anew. */
  lose(chunks: readonly Chunk[]): void {
    for (const { ref } of chunks) this.#chunks.delete(ref.id)
    this.#whole.clear()
  }
}
