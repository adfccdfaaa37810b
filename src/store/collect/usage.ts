import { RECORD_HEADER_BYTES } from '../../format/pack.js'
import type { Place } from '../../format/rows-chunk.js'

/** What a log record says of one version: its key, its id, their framing. */
export const logEntryBytes = (keyBytes: number): number => keyBytes + 40

export interface PackUse {
  /** Of records that the index points to, and what logs say of them, about. */
  bytes: number
  records: number
}

/** How much of each pack is still needed, as far as the index tells. */
export class Usage {
  readonly #packs = new Map<number, PackUse>()

  addChunk(place: Place): void {
    this.#add(place, 0)
  }

  addManifest(place: Place, keyBytes: number): void {
    this.#add(place, logEntryBytes(keyBytes))
  }

  of(pack: number): Readonly<PackUse> {
    return this.#packs.get(pack) ?? { bytes: 0, records: 0 }
  }

  #add({ pack, length }: Place, more: number): void {
    const use = this.#packs.get(pack) ?? { bytes: 0, records: 0 }
    this.#packs.set(pack, use)
    use.bytes += RECORD_HEADER_BYTES + length + more
    use.records++
  }
}
