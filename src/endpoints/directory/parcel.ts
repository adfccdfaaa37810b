import { type Chunk, CODEC, hashedChunk, plainChunk } from '../../model/chunk.js'
import type { CallOptions, Done, Parcel, Parked, Slice, Wanted } from '../../model/endpoint.js'
import type { ChunkId, ContentHash } from '../../model/ids.js'
import type { Attributes, Content, Root } from '../../model/manifest.js'
import type { DoneColumns, LoadedMessage, TreeRoot, WindowMessage } from './messages.js'
import { unpackPrint } from './prints.js'

const ID_DIGITS = 64

const idAt = (ids: string, index: number): string => ids.slice(index * ID_DIGITS, (index + 1) * ID_DIGITS)

/** What a parcel asks of the worker that read it. */
export interface Holder {
  /** The compressed forms of those slices; undefined where none is asked. @throws once the reading was stopped */
  load(slices: readonly number[], options?: CallOptions): Promise<LoadedMessage | undefined>
  release(): void
}

/** A worker's window as a parcel. `settle` gives back what was asked for an object, once. */
export function parcelOf(message: WindowMessage, settle: (object: number) => Wanted, holder: Holder): Parcel {
  const slices = slicesOf(message)
  const indexes = new Map<ChunkId, number>()
  const window = Buffer.from(message.bytes)
  return {
    slices,
    nodes: message.nodes.map(({ id, size, codec, data, sum }) =>
      hashedChunk({ id, size, node: true }, codec, data, sum),
    ),
    done: doneOf(message, settle),
    parked: message.parked.map(({ object, ...how }): Parked => ({ key: settle(object).here.key, ...how })),
    async load(refs, options) {
      if (indexes.size === 0) for (const [index, { ref }] of slices.entries()) indexes.set(ref.id, index)
      const asked = refs.map((ref) => {
        const index = indexes.get(ref.id)
        if (index === undefined) throw new Error(`chunk ${ref.id} is not of this parcel`)
        return index
      })
      const plain = refs.map((ref, i) => {
        const place = message.slices.places[asked[i] ?? 0] ?? 0
        return plainChunk(ref, window.subarray(place, place + ref.size))
      })
      const tried = asked.filter((index) => message.slices.compressible[index] === true)
      const loaded = await holder.load(tried, options)
      return loaded === undefined ? plain : withCompressed(plain, asked, tried, loaded)
    },
    release: () => holder.release(),
  }
}

function slicesOf({ slices: { objects, offsets, sizes, ids } }: WindowMessage): Slice[] {
  return objects.map((object, index) => ({
    object,
    offset: offsets[index] ?? 0,
    ref: { id: idAt(ids, index) as ChunkId, size: sizes[index] ?? 0, node: false },
  }))
}

function doneOf({ done, takenMs }: WindowMessage, settle: (object: number) => Wanted): Done[] {
  const trees = new Map(done.trees.map((tree) => [tree.index, tree]))
  const xattrs = new Map(done.xattrs.map(({ index, values }) => [index, values]))
  let inlineAt = 0
  return done.objects.map((object, index) => {
    const { here, there, parents } = settle(object)
    const seen = unpackPrint(done.prints, index, takenMs)
    if (seen === undefined) throw new Error(`no fingerprint for ${here.key}`)
    const inline = done.inlineLengths[index] ?? -1
    const root = inline < 0 ? chunkRoot(done, index, seen.size, trees.get(index)) : inlineRoot(done, inlineAt, inline)
    inlineAt += Math.max(0, inline)
    const mode = done.modes[index] ?? 0
    const values = xattrs.get(index)
    const attributes: Attributes = {
      ...(here.kind === 'link' ? {} : { mode }),
      mtimeNs: seen.mtimeNs,
      ...(values && { xattrs: values }),
    }
    const contentHash = idAt(done.hashes, index) as ContentHash
    // What some file systems say of a link's size is not that of its target.
    const size = here.kind === 'link' && inline >= 0 ? inline : seen.size
    const content: Content = { kind: here.kind, size, contentHash, attributes, root }
    return { object, key: here.key, content, seen, ...(there && { there }), ...(parents && { parents }) }
  })
}

const inlineRoot = (done: DoneColumns, at: number, length: number): Root => ({
  inline: done.inline.slice(at, at + length),
})

function chunkRoot(done: DoneColumns, index: number, size: number, tree: TreeRoot | undefined): Root {
  if (tree) return { ref: { id: tree.id, size: tree.size, node: true }, depth: tree.depth }
  return { ref: { id: idAt(done.hashes, index) as ChunkId, size, node: false }, depth: 0 }
}

/** The chunks, those `tried` in their compressed form where that came. */
function withCompressed(
  plain: readonly Chunk[],
  asked: readonly number[],
  tried: readonly number[],
  { sizes, sums, frame }: LoadedMessage,
): Chunk[] {
  const small = new Map<number, { readonly data: Uint8Array; readonly sum: number }>()
  let at = 0
  for (const [i, index] of tried.entries()) {
    const size = sizes[i] ?? -1
    if (size < 0) continue
    small.set(index, { data: frame.subarray(at, at + size), sum: sums[i] ?? 0 })
    at += size
  }
  return plain.map((chunk, i) => {
    const found = small.get(asked[i] ?? -1)
    return found === undefined ? chunk : hashedChunk(chunk.ref, CODEC.zstd, found.data, found.sum)
  })
}
