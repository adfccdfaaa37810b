import { looksLikeNoise } from '../../base/compression.js'
import type { Chunk, ChunkRef } from '../../model/chunk.js'
import type { Root } from '../../model/manifest.js'
import type { Fingerprint } from '../../model/version-ref.js'
import { Losses } from './losses.js'
import type { NodeParts, TreeRoot, WindowMessage } from './messages.js'
import { packPrints } from './prints.js'

/** One object as it was read. */
export interface ReadObject {
  readonly mode: number
  readonly print: Fingerprint
  readonly contentHash: string
  readonly root: Root
  readonly xattrs: Readonly<Record<string, Uint8Array>> | undefined
  /** The names of those that are too many. */
  readonly xattrsLeft: readonly string[]
}

interface Mark {
  readonly filled: number
  readonly slices: number
  readonly nodes: number
  readonly turns: number
}

/** One buffer of file bytes in a worker, and what was found in it. Reused after its release. */
export class Window {
  readonly #shared: SharedArrayBuffer
  readonly bytes: Buffer
  /** Where free room begins. */
  filled = 0
  bytesRead = 0
  #objects: number[] = []
  #offsets: number[] = []
  #sizes: number[] = []
  #compressible: boolean[] = []
  #ids: string[] = []
  #places: number[] = []
  #nodes: NodeParts[] = []
  #parked: WindowMessage['parked'][number][] = []
  #done: { object: number; read: ReadObject }[] = []
  readonly #losses = new Losses()

  constructor(
    readonly number: number,
    capacity: number,
    readonly compress: boolean,
  ) {
    this.#shared = new SharedArrayBuffer(capacity)
    this.bytes = Buffer.from(this.#shared)
  }

  get empty(): boolean {
    return this.#objects.length + this.#nodes.length + this.#parked.length + this.#done.length === 0
  }

  addSlice(object: number, ref: ChunkRef, offset: number, at: number): void {
    this.#objects.push(object)
    this.#offsets.push(offset)
    this.#sizes.push(ref.size)
    this.#ids.push(ref.id)
    this.#places.push(at)
    this.#compressible.push(this.compress && !looksLikeNoise(this.bytes.subarray(at, at + ref.size)))
  }

  addNodes(nodes: readonly Chunk[]): void {
    for (const { ref, codec, data, sum } of nodes) this.#nodes.push({ id: ref.id, size: ref.size, codec, data, sum })
  }

  addDone({ object, key }: { readonly object: number; readonly key: string }, read: ReadObject): void {
    this.#done.push({ object, read })
    this.#losses.addXattrs(key, read.xattrsLeft)
  }

  park(object: number, why: string, inFlight: boolean): void {
    this.#parked.push({ object, why, ...(inFlight && { inFlight }) })
  }

  mark(turns: number): Mark {
    return { filled: this.filled, slices: this.#objects.length, nodes: this.#nodes.length, turns }
  }

  /** Forgets what was added since the mark. */
  rollBack(mark: Mark): void {
    this.filled = mark.filled
    for (const column of [this.#objects, this.#offsets, this.#sizes, this.#places]) column.length = mark.slices
    this.#ids.length = mark.slices
    this.#compressible.length = mark.slices
    this.#nodes.length = mark.nodes
  }

  /** The bytes of one slice. */
  slice(index: number): Buffer {
    const at = this.#places[index] ?? 0
    const size = this.#sizes[index] ?? 0
    return this.bytes.subarray(at, at + size)
  }

  message(takenMs: number, last: boolean): WindowMessage {
    return {
      type: 'window',
      window: this.number,
      bytes: this.#shared,
      bytesRead: this.bytesRead,
      takenMs,
      slices: {
        objects: this.#objects,
        offsets: this.#offsets,
        places: this.#places,
        sizes: this.#sizes,
        compressible: this.#compressible,
        ids: this.#ids.join(''),
      },
      nodes: this.#nodes,
      done: this.#doneColumns(),
      parked: this.#parked,
      lost: this.#losses.take(),
      last,
    }
  }

  clear(): void {
    this.filled = 0
    this.bytesRead = 0
    this.#objects = []
    this.#offsets = []
    this.#sizes = []
    this.#compressible = []
    this.#ids = []
    this.#places = []
    this.#nodes = []
    this.#parked = []
    this.#done = []
  }

  #doneColumns(): WindowMessage['done'] {
    const done = this.#done
    const inline: Uint8Array[] = []
    const trees: TreeRoot[] = []
    const xattrs: { index: number; values: Readonly<Record<string, Uint8Array>> }[] = []
    for (const [index, { read }] of done.entries()) {
      if ('inline' in read.root) inline.push(read.root.inline)
      else if (read.root.depth > 0) {
        trees.push({ index, id: read.root.ref.id, size: read.root.ref.size, depth: read.root.depth })
      }
      if (read.xattrs !== undefined) xattrs.push({ index, values: read.xattrs })
    }
    return {
      objects: done.map(({ object }) => object),
      modes: done.map(({ read }) => read.mode),
      prints: packPrints(done.map(({ read }) => read.print)),
      hashes: done.map(({ read }) => read.contentHash).join(''),
      inline: Buffer.concat(inline),
      inlineLengths: done.map(({ read }) => ('inline' in read.root ? read.root.inline.length : -1)),
      trees,
      xattrs,
    }
  }
}

export type { Mark }
