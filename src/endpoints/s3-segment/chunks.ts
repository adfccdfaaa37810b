import { setTimeout as sleep } from 'node:timers/promises'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { admitChunk, type Chunk, type ChunkRef } from '../../model/chunk.js'
import type { ChunkSpot, SpotIndex } from '../../model/chunk-spots.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { ChunkId, SegmentGuid } from '../../model/ids.js'
import type { ObjectStore } from '../../model/object-store.js'
import type { ChunkStore } from '../../model/segment.js'
import { payloadEnd, payloadStart, runsOf, type Wanted } from '../../store/packs/runs.js'
import type { Claims } from './claims.js'
import { packKey } from './layout.js'
import { PackBuilder } from './pack-builder.js'
import type { PackIndex } from './pack-index.js'

const RUN = { gapBytes: LIMITS.objectGapBytes, bytes: LIMITS.objectRunBytes } as const
interface Parts {
  readonly store: ObjectStore
  readonly spots: SpotIndex
  readonly index: PackIndex
  readonly guid: SegmentGuid
  readonly claims: Claims
  /** How long what others claimed is waited for without anything new. */
  readonly patienceMs: number
}

/** Chunks in packs that are objects. */
export class ObjectChunks implements ChunkStore {
  readonly #parts: Parts
  readonly #claims: Claims
  /** Chunks that were put and are not in the index yet. */
  readonly #pending = new Map<ChunkId, PackBuilder>()
  /** Chunks that were put here and that another writer is bringing, with the key of its claim. */
  readonly #left = new Map<ChunkId, string>()
  readonly #landing = new Set<Promise<void>>()
  #open: PackBuilder | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#claims = parts.claims
  }

  missing(refs: readonly ChunkRef[]): ChunkRef[] {
    const { spots } = this.#parts
    return refs.filter((ref) => !spots.isPresent(ref) && (ref.node || !this.#isComing(ref.id)))
  }

  async put(chunks: readonly Chunk[], { signal }: CallOptions = {}): Promise<void> {
    for (const chunk of chunks) {
      signal?.throwIfAborted()
      this.#throwPastFailure()
      if (this.#open !== undefined && !this.#open.fits(chunk)) this.#seal()
      while (this.#open === undefined && this.#landing.size >= LIMITS.objectPacksInFlight)
        await Promise.race(this.#landing)
      if (this.#isHere(chunk.ref)) continue
      // While it waited, others may have begun a pack, and filled it.
      if (this.#open !== undefined && !this.#open.fits(chunk)) this.#seal()
      this.#open ??= new PackBuilder(this.#parts.guid, chunk.data.length)
      this.#open.add(chunk)
      this.#pending.set(chunk.ref.id, this.#open)
    }
  }

  async get(refs: readonly ChunkRef[], { signal }: CallOptions = {}): Promise<Chunk[]> {
    signal?.throwIfAborted()
    const chunks: (Chunk | undefined)[] = refs.map((ref) => this.#pending.get(ref.id)?.get(ref))
    const wanted = refs.flatMap((ref, at) => (chunks[at] === undefined ? [{ ...this.#spotOf(ref), ref, at }] : []))
    const runs = runsOf(wanted, RUN)
    // Looked at between reads, which are short: listeners on a signal that all reads share would be many.
    await forEachBounded(runs, LIMITS.objectReadsAtOnce, new AbortController().signal, async (run) => {
      signal?.throwIfAborted()
      for (const { chunk, at } of await this.#readRun(run)) chunks[at] = chunk
    })
    return chunks.map((chunk) => {
      if (chunk === undefined) throw new RangeError('a chunk that was asked for was not read')
      return chunk
    })
  }

  /**
   * Everything that was put so far is in the index when it settles, whoever put it; what another writer was to bring and does
   * not is missing then.
   */
  async flush(): Promise<void> {
    if (this.#open !== undefined) this.#seal()
    await Promise.all(this.#landing)
    this.#throwPastFailure()
    await this.#awaitOthers()
  }

  #seal(): void {
    const pack = this.#open
    this.#open = undefined
    if (pack === undefined) return
    const landing: Promise<void> = this.#land(pack)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => {
        for (const { id } of pack.chunks) this.#pending.delete(id)
        this.#landing.delete(landing)
      })
    this.#landing.add(landing)
  }

  /** The order of writes: claim, pack, index. What others have put or claimed by then is not put. */
  async #land(pack: PackBuilder): Promise<void> {
    const { store, index, spots } = this.#parts
    const claim = await this.#claims.claim(pack.chunks.map(({ id }) => id))
    await index.refresh()
    const lacking = pack.chunks.filter(({ id }) => !isThere(spots, id))
    const own = lacking.filter(({ id }) => !claim.others.has(id))
    for (const { id } of lacking) {
      const other = claim.others.get(id)
      if (other !== undefined) this.#left.set(id, other)
    }
    if (own.length > 0) {
      const packed = own.length === pack.chunks.length ? pack : pack.only(own)
      await store.put(packKey(packed.id), packed.bytes)
      await index.tell([{ pack: packed.id, chunks: packed.chunks }])
    }
    await this.#claims.drop([claim.key])
  }

  /** Until all is there that was left to other writers, or cannot be expected any more. */
  async #awaitOthers(): Promise<void> {
    let [looks, still] = [0, this.#left.size]
    while (this.#left.size > 0) {
      // In this order: who drops a claim has told the index before.
      const claimed = await this.#claims.keys()
      await this.#parts.index.refresh()
      for (const [id, claim] of this.#left)
        if (isThere(this.#parts.spots, id) || !claimed.has(claim)) this.#left.delete(id)
      looks = this.#left.size < still ? 0 : looks + 1
      still = this.#left.size
      if (looks * LIMITS.claimLookMs >= this.#parts.patienceMs) {
        const dead = new Set(this.#left.values())
        this.#left.clear()
        await this.#claims.drop([...dead])
      } else if (still > 0) await sleep(LIMITS.claimLookMs)
    }
  }

  #isHere({ id }: ChunkRef): boolean {
    return this.#isComing(id) || isThere(this.#parts.spots, id)
  }

  #isComing(id: ChunkId): boolean {
    return this.#pending.has(id) || this.#left.has(id)
  }

  #spotOf(ref: ChunkRef): ChunkSpot {
    const spot = this.#parts.spots.find(ref.id)
    if (spot !== undefined) return spot
    throw new EfsError('NOT_FOUND', `chunk ${ref.id.slice(0, 16)} is not in ${this.#parts.store.label}`)
  }

  async #readRun(
    run: readonly Wanted<ChunkSpot & { readonly ref: ChunkRef; readonly at: number }>[],
  ): Promise<{ readonly chunk: Chunk; readonly at: number }[]> {
    const [first, last] = [run[0], run.at(-1)]
    if (first === undefined || last === undefined) return []
    const offset = payloadStart(first.place)
    const range = { offset, length: payloadEnd(last.place) - offset }
    const bytes = await this.#parts.store.get(packKey(first.place.pack), range)
    return run.map(({ place }) => {
      const payload = bytes.subarray(payloadStart(place) - offset, payloadEnd(place) - offset)
      return { chunk: admitChunk(place.ref, place.codec, payload), at: place.at }
    })
  }

  #throwPastFailure(): void {
    const past = this.#failure
    this.#failure = undefined
    if (past !== undefined) throw past.error
  }
}

const isThere = (spots: SpotIndex, id: ChunkId): boolean => spots.isPresent({ id, size: 0, node: false })
