import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { Chunk, ChunkRef } from '../model/chunk.js'
import type { Done, Parcel, Parked, Sink, Slice } from '../model/endpoint.js'
import type { ChunkId } from '../model/ids.js'
import { eachOrLoss } from './loss.js'
import type { Pace } from './pace.js'

/** Told of chunks, nodes among them. */
export interface Carried {
  /** Not loaded: the sink has them, or another parcel brings them. */
  known(chunks: number): void
  /** `slices`: where the leaves go; one leaf may go to several places. */
  loaded(leaves: readonly Chunk[], nodes: readonly Chunk[], slices: readonly Slice[]): void
}

export interface Carrying {
  readonly sink: Pick<Sink, 'missing' | 'put' | 'plain'>
  readonly pace: Pace
  readonly carried: Carried
}

/** What of a parcel is at the sink, with all that it is made of. */
export interface Landed {
  readonly done: readonly Done[]
  /** What the source could not give whole. */
  readonly parked: readonly Parked[]
}

/** Ends a parcel. `again` puts everything once more that these lack by now. */
export type Land = (landed: Landed, again: (needing: readonly Done[]) => Promise<Landed>) => Promise<void>

/** Brings what parcels are made of to the sink: asks what is missing, loads that, puts it. */
export class Carrier {
  readonly #carrying: Carrying
  /** When all that earlier parcels hold of objects that are not complete yet is at the sink. */
  readonly #earlier = new Map<number, Promise<unknown>>()
  /** Chunks that a parcel in flight is bringing; others wait for it instead of bringing them too. */
  readonly #coming = new Map<ChunkId, Promise<void>>()
  /** Objects that the source could not give whole, and why. */
  readonly #broken = new Map<number, string>()

  constructor(carrying: Carrying) {
    this.#carrying = carrying
  }

  /** Called in the order of the source, not awaited in between; an object lands when all its parcels are in. Releases the parcel. */
  async carry(parcel: Parcel, signal: AbortSignal, land: Land): Promise<void> {
    const leaves = leavesOf(parcel)
    const coming = new Set(leaves.flatMap(({ id }) => this.#coming.get(id) ?? []))
    const own = leaves.filter(({ id }) => !this.#coming.has(id))
    this.#carrying.carried.known(leaves.length - own.length)
    const put = this.#put(parcel, own, signal)
    if (!this.#carrying.sink.plain) for (const { id } of own) this.#coming.set(id, put)
    const present = Promise.all([put, ...coming])
    const earlier = this.#earlierOf(parcel, present)
    const again = async (needing: readonly Done[]): Promise<Landed> => {
      await this.#put(parcel, leaves, signal)
      return this.#landed(needing)
    }
    try {
      await Promise.all([present, ...earlier])
      await land(this.#landed(parcel.done), again)
    } finally {
      await Promise.allSettled([put])
      for (const { id } of own) this.#coming.delete(id)
      parcel.release()
    }
  }

  /** What the objects that end in this parcel have to wait for; for those that go on, `present` joins it. */
  #earlierOf({ done, slices }: Parcel, present: Promise<unknown>): Promise<unknown>[] {
    const ending = new Set(done.map(({ object }) => object))
    const earlier = [...ending].flatMap((object) => this.#earlier.get(object) ?? [])
    for (const object of ending) this.#earlier.delete(object)
    for (const object of new Set(slices.map((slice) => slice.object))) {
      if (ending.has(object)) continue
      // Its value is dropped: it would hold those of all parcels before.
      const both = Promise.all([this.#earlier.get(object), present]).then(() => undefined)
      // A failed put is seen by its own parcel; an object that never ends has nobody else to see it.
      both.catch(() => undefined)
      this.#earlier.set(object, both)
    }
    return earlier
  }

  #landed(all: readonly Done[]): Landed {
    const parked: Parked[] = []
    const done = all.filter(({ object, key }) => {
      const why = this.#broken.get(object)
      if (why !== undefined) parked.push({ key, why })
      return why === undefined
    })
    return { done, parked }
  }

  async #put(parcel: Parcel, leaves: readonly ChunkRef[], signal: AbortSignal): Promise<void> {
    const { sink, carried } = this.#carrying
    const missing = await this.#missing([...leaves, ...parcel.nodes.map(({ ref }) => ref)], signal)
    carried.known(leaves.length + parcel.nodes.length - missing.size)
    const { leaves: loaded, nodes } = await this.#load(parcel, missing, signal)
    const chunks = [...loaded, ...nodes]
    const slices = slicesOf(parcel, loaded)
    carried.loaded(loaded, nodes, slices)
    if (chunks.length > 0) await sink.put(chunks, slices, { signal })
  }

  async #missing(refs: readonly ChunkRef[], signal: AbortSignal): Promise<Set<string>> {
    const missing = new Set<string>()
    for (let from = 0; from < refs.length; from += LIMITS.missingRefsMax) {
      const page = await this.#carrying.sink.missing(refs.slice(from, from + LIMITS.missingRefsMax), { signal })
      for (const ref of page) missing.add(ref.id)
    }
    return missing
  }

  /**
   * The parcel's chunks and nodes with these ids, each once. Where the source has lost a chunk, the objects that it is
   * part of are broken.
   */
  async #load(parcel: Parcel, ids: ReadonlySet<string>, signal: AbortSignal) {
    const wanted = new Map(parcel.slices.flatMap(({ ref }) => (ids.has(ref.id) ? [[ref.id, ref] as const] : [])))
    const loaded = await eachOrLoss([...wanted.values()], (refs) => parcel.load(refs, { signal }))
    for (const [i, id] of [...wanted.keys()].entries()) this.#breakIfLost(parcel, id, loaded[i])
    const leaves = loaded.filter((one): one is Chunk => !(one instanceof EfsError))
    const nodes = parcel.nodes.filter(({ ref }) => ids.has(ref.id))
    await this.#carrying.pace(
      [...leaves, ...nodes].reduce((sum, { data }) => sum + data.length, 0),
      signal,
    )
    return { leaves, nodes }
  }

  #breakIfLost({ slices }: Parcel, id: ChunkId, loaded: Chunk | EfsError | undefined): void {
    if (!(loaded instanceof EfsError)) return
    for (const { object, ref } of slices) if (ref.id === id) this.#broken.set(object, loaded.message)
  }
}

/** Each once. */
const leavesOf = ({ slices }: Parcel): ChunkRef[] => [...new Map(slices.map(({ ref }) => [ref.id, ref])).values()]

function slicesOf({ slices }: Parcel, chunks: readonly Chunk[]): Slice[] {
  const ids = new Set(chunks.map(({ ref }) => ref.id))
  return slices.filter(({ ref }) => ids.has(ref.id))
}
