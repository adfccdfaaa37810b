import { LIMITS } from '../../base/limits.js'
import { decodeSpots, encodeSpots } from '../../format/spots.js'
import type { PackContents, SpotIndex } from '../../model/chunk-spots.js'
import type { ObjectStore, StoredObject } from '../../model/object-store.js'
import { FactsFolder, type FactsReading } from './facts-folder.js'
import { Fresh } from './fresh.js'
import { untilStill } from './until-still.js'

/** Which chunks stand in which packs, as all writers tell it. */
export class PackIndex {
  readonly #folder: FactsFolder
  readonly #spots: SpotIndex
  readonly #fresh = new Fresh(() => this.#refresh())
  /** What the last refresh saw. */
  listed: readonly StoredObject[] = []

  constructor(store: ObjectStore, spots: SpotIndex, reading: FactsReading) {
    this.#folder = new FactsFolder(store, 'index', spots, reading)
    this.#spots = spots
  }

  /** What was told before the call is known when it settles. */
  refresh(): Promise<void> {
    return this.#fresh.run()
  }

  /** The packs are there: from now on everybody may know. */
  async tell(packs: readonly PackContents[]): Promise<void> {
    const told = packs.map(({ pack, chunks }) => ({ pack, rows: encodeSpots(chunks) }))
    this.#spots.learn(packs, await this.#folder.put({ packs: told, published: [] }))
  }

  #refresh(): Promise<void> {
    return untilStill(async () => {
      const listed = await this.#folder.list()
      this.listed = listed
      await this.#folder.readNew(listed, async ({ packs }, source) => {
        const contents = packs.map(({ pack, rows }) => ({ pack, chunks: decodeSpots(rows) }))
        this.#spots.learn(contents, source)
        return true
      })
      if (listed.length >= LIMITS.factsMergeLeast) await this.#folder.merge(listed)
    })
  }
}
