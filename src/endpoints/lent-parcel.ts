import { hashHex } from '../base/hash.js'
import { untilAborted } from '../base/signals.js'
import { type Chunk, type ChunkRef, storedForm } from '../model/chunk.js'
import type { Done, Parcel, Parked, ReadOptions, Slice } from '../model/endpoint.js'
import type { ContentHash } from '../model/ids.js'
import type { Attributes, Content } from '../model/manifest.js'
import type { ContentBuilder } from './content-builder.js'

/** A slice, and its bytes in the window that it was cut from. */
export interface Cut {
  readonly slice: Slice
  readonly plain: Buffer
}

/** What is small enough is in the manifest. */
export const inlineContent = (bytes: Buffer, attributes: Attributes): Content => ({
  kind: 'file',
  size: bytes.length,
  contentHash: hashHex(bytes) as ContentHash,
  attributes,
  root: { inline: new Uint8Array(bytes) },
})

export const builtContent = (builder: ContentBuilder, attributes: Attributes): Content => ({
  kind: 'file',
  ...builder.finish(),
  attributes,
})

/** A parcel without its memory's bookkeeping. */
export type Load = Omit<Parcel, 'release'> & {
  /** Called once nobody looks at its bytes any more. */
  readonly over?: () => void
}

export function parcelOf(
  cuts: readonly Cut[],
  nodes: readonly Chunk[],
  done: readonly Done[],
  how: ReadOptions,
  parked: readonly Parked[] = [],
): Load {
  const plains = new Map(cuts.map(({ slice, plain }) => [slice.ref.id, plain]))
  const load = (ref: ChunkRef): Chunk => {
    const plain = plains.get(ref.id)
    if (plain === undefined) throw new Error(`chunk ${ref.id} is not of this parcel`)
    return storedForm(ref, plain, how.compress)
  }
  return {
    slices: cuts.map(({ slice }) => slice),
    nodes,
    done,
    parked,
    load: async (refs, options) => {
      options?.signal?.throwIfAborted()
      return refs.map(load)
    },
  }
}

/** Counts what is lent, and makes the lender wait when it is too much. */
export class Room {
  #lent = 0
  #wake: () => void = () => undefined

  constructor(readonly limit: number) {}

  async lend({ over, ...load }: Load, signal: AbortSignal | undefined): Promise<Parcel> {
    while (this.#lent >= this.limit)
      await untilAborted(signal, () => new Promise<void>((resolve) => this.#onWake(resolve)))
    this.#lent++
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      this.#lent--
      over?.()
      this.#wake()
    }
    return { ...load, release }
  }

  #onWake(resolve: () => void): void {
    this.#wake = resolve
  }
}
