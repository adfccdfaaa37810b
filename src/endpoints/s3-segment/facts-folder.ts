import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { decodeFacts, decodeFactsHead, encodeFacts, FACTS_HEAD_BYTES_MAX, type Facts } from '../../format/facts.js'
import type { SpotIndex } from '../../model/chunk-spots.js'
import type { ObjectStore, StoredObject } from '../../model/object-store.js'
import type { Stats } from '../../model/stats.js'
import { assertOwn, type FactsKind, factsKey, factsPrefix, parseFactsKey } from './layout.js'

/** One object after the other: what many of them become in memory at once is more than reading them ahead is worth. */
const READS_AT_ONCE = 1

/** How facts are read, of which there may be very many. */
export interface FactsReading {
  /** Stops it. */
  readonly signal: AbortSignal
  /** Who waits can see here how far it is. */
  readonly stats?: Stats | undefined
  /** Nothing is written: they are not merged either. */
  readonly readOnly: boolean
}

/** All objects of facts of one kind. */
export class FactsFolder {
  readonly #store: ObjectStore
  readonly #kind: FactsKind
  readonly #spots: SpotIndex
  readonly #reading: FactsReading

  constructor(store: ObjectStore, kind: FactsKind, spots: SpotIndex, reading: FactsReading) {
    this.#store = store
    this.#kind = kind
    this.#spots = spots
    this.#reading = reading
  }

  /**
   * All that there are, lower levels first. Since what covers others stands behind them, a listing shows each fact at
   * least once, whatever is merged meanwhile.
   * @throws CORRUPT where something else stands among them
   */
  async list(): Promise<readonly StoredObject[]> {
    const all: StoredObject[] = []
    for await (const page of this.#store.list({ prefix: factsPrefix(this.#kind) })) all.push(...page)
    for (const { key } of all) assertOwn(this.#store, key)
    return all
  }

  /**
   * Hands all facts to `take` that were not read yet. `take` says whether they count as read; it sees several at once.
   * @throws NOT_FOUND where one has been merged since it was listed
   */
  async readNew(
    listed: readonly StoredObject[],
    take: (facts: Facts, source: string) => Promise<boolean>,
  ): Promise<void> {
    const fresh = listed.filter(({ key }) => !this.#spots.isRead(key))
    const { signal, stats } = this.#reading
    stats?.add('factsListed', fresh.length)
    await forEachBounded(fresh, READS_AT_ONCE, signal, async (object) => {
      if (await this.#isCovered(object)) this.#spots.noteRead(object.key)
      else if (await take(await this.#read(object), object.key)) this.#spots.noteRead(object.key)
      stats?.add('factsRead', 1)
    })
  }

  /** Gives what it is called. Nothing is noted as read. */
  async put(facts: Facts, level = 0, covers: readonly string[] = []): Promise<string> {
    const { id, bytes } = encodeFacts(facts, covers)
    const key = factsKey(this.#kind, level, id)
    await this.#store.put(key, bytes)
    return key
  }

  /** Merges small objects of the first level that has many, if there is one. Gives whether it did. */
  async merge(listed: readonly StoredObject[]): Promise<boolean> {
    if (this.#reading.readOnly) return false
    for (let level = 0; level < LIMITS.factsLevelMax; level++) {
      const small = listed.filter(
        ({ key, size }) => size < LIMITS.factsSmallBytes && parseFactsKey(key).level === level,
      )
      if (small.length < LIMITS.factsMergeLeast) continue
      return this.#mergeThese(small.slice(0, LIMITS.factsMergeMost), level + 1)
    }
    return false
  }

  /** What covers them is there before they go. */
  async #mergeThese(objects: readonly StoredObject[], level: number): Promise<boolean> {
    const merged: Facts[] = []
    const keys: string[] = []
    let bytes = 0
    for (const object of objects) {
      const facts = await this.#readIfThere(object)
      // Somebody else merges them.
      if (facts === undefined) return false
      bytes += bytesOf(facts)
      if (bytes > 2 * LIMITS.factsBytesFull) break
      merged.push(facts)
      keys.push(object.key)
    }
    if (keys.length < 2) return false
    const areRead = keys.every((key) => this.#spots.isRead(key))
    const key = await this.put(
      { packs: merged.flatMap(({ packs }) => packs), published: merged.flatMap(({ published }) => published) },
      level,
      keys.map((each) => parseFactsKey(each).id),
    )
    if (areRead) this.#spots.noteRead(key)
    await this.#store.delete(keys)
    return true
  }

  async #readIfThere(object: StoredObject): Promise<Facts | undefined> {
    try {
      return await this.#read(object)
    } catch (error) {
      if (error instanceof EfsError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
  }

  async #read({ key, size }: StoredObject): Promise<Facts> {
    if (size > LIMITS.factsBytesMax + FACTS_HEAD_BYTES_MAX)
      throw new EfsError('CORRUPT', `${this.#store.label}${key} has ${size} bytes, which no facts have`, { hint: MEND })
    const bytes = await this.#store.get(key)
    return named(this.#store.label + key, () => decodeFacts(parseFactsKey(key).id, bytes))
  }

  /** Whether all that it covers was read; then its own bytes need not be. */
  async #isCovered({ key, size }: StoredObject): Promise<boolean> {
    const { level } = parseFactsKey(key)
    if (level === 0) return false
    const front = await this.#store.get(key, { offset: 0, length: Math.min(size, FACTS_HEAD_BYTES_MAX) })
    const { covers } = named(this.#store.label + key, () => decodeFactsHead(front))
    return covers.length > 0 && covers.every((id) => this.#spots.isRead(factsKey(this.#kind, level - 1, id)))
  }
}

/** What to do where the facts in an object cannot be used. */
export const MEND = 'put that object back from a copy, or push to another prefix'

/** @throws CORRUPT with the object that it is, where what `decode` reads is none */
function named<T>(object: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof EfsError && error.code === 'CORRUPT')) throw error
    throw new EfsError('CORRUPT', `${object}: ${error.message}`, { hint: MEND, cause: error })
  }
}

/** About what they take. */
function bytesOf({ packs, published }: Facts): number {
  const rows = packs.reduce((sum, each) => sum + each.rows.length, 0)
  return published
    .flatMap(({ entries }) => entries)
    .reduce((sum, { key, manifest }) => sum + 3 * key.length + manifest.length, rows)
}
