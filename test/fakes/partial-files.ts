import { hashHex } from '../../src/base/hash.js'
import { type Chunk, plainOf } from '../../src/model/chunk.js'
import type { Slice } from '../../src/model/endpoint.js'
import type { Content } from '../../src/model/manifest.js'

/** Files of a plain sink that are being written, by object. */
export class PartialFiles {
  readonly #pieces = new Map<number, { readonly offset: number; readonly bytes: Uint8Array }[]>()

  /** @throws where a slice comes without its chunk, or a chunk without a slice */
  put(chunks: readonly Chunk[], slices: readonly Slice[]): void {
    const byId = new Map(chunks.map((chunk) => [chunk.ref.id, chunk]))
    const unused = new Set(byId.keys())
    for (const { object, offset, ref } of slices) {
      const chunk = byId.get(ref.id)
      if (chunk === undefined) throw new Error('a slice without its chunk')
      unused.delete(ref.id)
      const pieces = this.#pieces.get(object) ?? []
      pieces.push({ offset, bytes: plainOf(chunk) })
      this.#pieces.set(object, pieces)
    }
    if (unused.size > 0) throw new Error('a chunk that is no part of a file')
  }

  /** The whole content. @throws where it is not what `content` declares */
  take(object: number, { root, size, contentHash }: Content): Uint8Array {
    const bytes = 'inline' in root ? Buffer.from(root.inline) : Buffer.alloc(size)
    for (const piece of this.#pieces.get(object) ?? []) bytes.set(piece.bytes, piece.offset)
    this.#pieces.delete(object)
    if (hashHex(bytes) !== contentHash) throw new Error('a torn file')
    return bytes
  }
}
