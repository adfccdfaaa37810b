import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { Chunk, ChunkRef } from '../model/chunk.js'
import type { BaselineRow, Done, Parcel, Parked, PublishResult, Slice } from '../model/endpoint.js'
import type { ChunkId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { eachOrLoss } from './loss.js'
import type { Transfer } from './transfer.js'

/** What moving needs of a transfer. */
export type Moving = Pick<Transfer, 'sink' | 'baseline' | 'pace' | 'stats' | 'settled'>

/** Brings parcels to the sink: asks what is missing, loads that, puts it, publishes what is complete. */
export class Mover {
  readonly #transfer: Moving
  readonly #park: (what: Parked) => void
  /** When all that earlier parcels hold of objects that are not complete yet is at the sink. */
  readonly #earlier = new Map<number, Promise<unknown>>()
  /** Chunks that a parcel in flight is bringing; others wait for it instead of bringing them too. */
  readonly #coming = new Map<ChunkId, Promise<void>>()
  /** Objects that the source could not give whole, and why. */
  readonly #broken = new Map<number, string>()
  /** Whether anything was published that the sink did not have. */
  changed = false

  constructor(transfer: Moving, park: (what: Parked) => void) {
    this.#transfer = transfer
    this.#park = park
  }

  /** Called in the order of the source, not awaited in between; an object is published when all its parcels are in. */
  async move(parcel: Parcel, signal: AbortSignal): Promise<void> {
    const leaves = leavesOf(parcel)
    const coming = new Set(leaves.flatMap(({ id }) => this.#coming.get(id) ?? []))
    const own = leaves.filter(({ id }) => !this.#coming.has(id))
    this.#transfer.stats.add('chunksKnown', leaves.length - own.length)
    const put = this.#put(parcel, own, signal)
    if (!this.#transfer.sink.plain) for (const { id } of own) this.#coming.set(id, put)
    const present = Promise.all([put, ...coming])
    const earlier = this.#earlierOf(parcel, present)
    try {
      for (const what of parcel.parked) this.#park(what)
      await Promise.all([present, ...earlier])
      const needing = await this.publish(this.#unbroken(parcel.done), signal)
      if (needing.length > 0) await this.#again(parcel, needing, signal)
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

  #unbroken(done: readonly Done[]): readonly Done[] {
    return done.filter(({ object, key }) => {
      const why = this.#broken.get(object)
      if (why !== undefined) this.#park({ key, why })
      return why === undefined
    })
  }

  /** Publishes and books what came of it. Those that need chunks are handed back. */
  async publish(done: readonly Done[], signal: AbortSignal): Promise<Done[]> {
    if (done.length === 0) return []
    const { sink, baseline } = this.#transfer
    const results = await sink.publish(done, { overwrite: true, signal })
    const rows: BaselineRow[] = []
    const gone: ObjectKey[] = []
    const needing: Done[] = []
    for (const [i, one] of done.entries()) {
      const result = results[i]
      if (result === undefined) throw new Error('the sink gave fewer results than it was given objects')
      if (result.status === 'needs') needing.push(one)
      else this.#book(one, result)
      const row = baselineRow(one, result)
      if (row !== undefined) rows.push(row)
      if (isDelete(one) && (result.status === 'published' || result.status === 'known')) gone.push(one.key)
    }
    if (baseline !== undefined && rows.length + gone.length > 0) await baseline.put(rows, gone)
    return needing
  }

  async #put(parcel: Parcel, leaves: readonly ChunkRef[], signal: AbortSignal): Promise<void> {
    const { sink, stats } = this.#transfer
    const missing = await this.#missing([...leaves, ...parcel.nodes.map(({ ref }) => ref)], signal)
    stats.add('chunksKnown', leaves.length + parcel.nodes.length - missing.size)
    const chunks = await this.#load(parcel, missing, signal)
    if (chunks.length > 0) await sink.put(chunks, slicesOf(parcel, chunks), { signal })
  }

  async #missing(refs: readonly ChunkRef[], signal: AbortSignal): Promise<Set<string>> {
    const missing = new Set<string>()
    for (let from = 0; from < refs.length; from += LIMITS.missingRefsMax) {
      const page = await this.#transfer.sink.missing(refs.slice(from, from + LIMITS.missingRefsMax), { signal })
      for (const ref of page) missing.add(ref.id)
    }
    return missing
  }

  /**
   * The parcel's chunks and nodes with these ids, each once. Where the source has lost a chunk, the objects that it is
   * part of are broken.
   */
  async #load(parcel: Parcel, ids: ReadonlySet<string>, signal: AbortSignal): Promise<Chunk[]> {
    const { pace, stats } = this.#transfer
    const wanted = new Map(parcel.slices.flatMap(({ ref }) => (ids.has(ref.id) ? [[ref.id, ref] as const] : [])))
    const loaded = await eachOrLoss([...wanted.values()], (refs) => parcel.load(refs, { signal }))
    for (const [i, id] of [...wanted.keys()].entries()) this.#breakIfLost(parcel, id, loaded[i])
    const leaves = loaded.filter((one): one is Chunk => !(one instanceof EfsError))
    const chunks = [...leaves, ...parcel.nodes.filter(({ ref }) => ids.has(ref.id))]
    const stored = chunks.reduce((sum, { data }) => sum + data.length, 0)
    await pace(stored, signal)
    stats.add('chunksNew', chunks.length)
    stats.add(
      'bytesNew',
      leaves.reduce((sum, { ref }) => sum + ref.size, 0),
    )
    stats.add('bytesStored', stored)
    return chunks
  }

  #breakIfLost({ slices }: Parcel, id: ChunkId, loaded: Chunk | EfsError | undefined): void {
    if (!(loaded instanceof EfsError)) return
    for (const { object, ref } of slices) if (ref.id === id) this.#broken.set(object, loaded.message)
  }

  /** Chunks that were there when asked and are gone by now are put once more; then the object waits for another run. */
  async #again(parcel: Parcel, needing: readonly Done[], signal: AbortSignal): Promise<void> {
    await this.#put(parcel, leavesOf(parcel), signal)
    for (const { key } of await this.publish(this.#unbroken(needing), signal))
      this.#park({ key, why: 'chunks of it vanished while it was written; run again' })
  }

  #book(done: Done, result: Exclude<PublishResult, { status: 'needs' }>): void {
    const { stats, settled } = this.#transfer
    const { key } = done
    if (result.status === 'parked' || result.status === 'superseded') {
      const why = result.status === 'parked' ? result.why : 'the other side has a later version'
      this.#park({ key, why })
      return
    }
    const deleted = isDelete(done)
    const isFolder = key.endsWith('/')
    const isNew = result.status === 'published'
    if (isNew) this.changed = true
    if (!isFolder) stats.add(!isNew ? 'objectsKnown' : deleted ? 'objectsDeleted' : 'objectsPublished', 1)
    const bytes = 'manifest' in done.content ? done.content.manifest.size : done.content.size
    settled({ key, status: isNew && deleted ? 'deleted' : result.status, bytes })
  }
}

/** Each once. */
const leavesOf = ({ slices }: Parcel): ChunkRef[] => [...new Map(slices.map(({ ref }) => [ref.id, ref])).values()]

function slicesOf({ slices }: Parcel, chunks: readonly Chunk[]): Slice[] {
  const ids = new Set(chunks.map(({ ref }) => ref.id))
  return slices.filter(({ ref }) => ids.has(ref.id))
}

const kindOf = ({ content }: Done): string => ('manifest' in content ? content.manifest.kind : content.kind)
const isDelete = (done: Done): boolean => kindOf(done) === 'deleted'

/** What both sides now agree on: the version at the segment, the file as it was read or written. */
function baselineRow(done: Done, result: PublishResult): BaselineRow | undefined {
  if ((result.status !== 'published' && result.status !== 'known') || isDelete(done)) return undefined
  const seen = done.seen ?? result.seen
  const id = 'manifest' in done.content ? done.content.id : result.id
  return seen === undefined || id === undefined ? undefined : { key: done.key, id, seen }
}
