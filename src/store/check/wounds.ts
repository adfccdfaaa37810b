import { childrenOf } from '../../format/node.js'
import { decodeChunkRow, type Place } from '../../format/rows-chunk.js'
import { decodeVersionRow, type VersionRow } from '../../format/rows-version.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { ChunkId } from '../../model/ids.js'
import { chunkId } from '../../model/ids.js'
import { headOfVersion, keyOfHead, uidKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import { ALL, pagesUnder } from '../index/tables.js'
import { readable } from '../trees.js'
import { type CheckParts, standsIn, type Wound } from './parts.js'

const HARMS_SHOWN = 10
/** Subtrees that were found sound are not looked at again, as long as there are not more. */
const SOUND_MAX = 100_000

/** For each wound, the objects (`bucket path/key`) that cannot be read whole because of it, the first few and a count. */
export async function harmsOf(
  wounds: readonly Wound[],
  parts: CheckParts,
  signal: AbortSignal | undefined,
): Promise<string[][]> {
  if (wounds.every(({ pack, chunk }) => pack === undefined && chunk === undefined)) return wounds.map(() => [])
  const search = new HarmSearch(wounds, parts)
  await search.gatherChunks()
  for (const { uid, path } of buckets(parts.tables)) {
    for (const table of [parts.tables.heads, parts.tables.versions]) {
      for await (const page of pagesUnder(table, uidKey(uid))) {
        signal?.throwIfAborted()
        for (const { key, value } of page) {
          const head = table === parts.tables.heads ? key : headOfVersion(key)
          await search.look(`${path}/${keyOfHead(head)}`, decodeVersionRow(value))
        }
      }
    }
  }
  return search.harms()
}

class HarmSearch {
  readonly #chunks = new Map<ChunkId, number>()
  readonly #sound = new Set<ChunkId>()
  readonly #shown: Set<string>[]
  readonly #more: number[]

  constructor(
    readonly wounds: readonly Wound[],
    readonly parts: CheckParts,
  ) {
    this.#shown = wounds.map(() => new Set())
    this.#more = wounds.map(() => 0)
    for (const [i, { chunk }] of wounds.entries()) if (chunk !== undefined) this.#chunks.set(chunk, i)
  }

  async gatherChunks(): Promise<void> {
    for await (const page of pagesUnder(this.parts.tables.chunks, ALL)) {
      for (const { key, value } of page) {
        const wound = this.#woundAt(decodeChunkRow(value).place)
        if (wound >= 0) this.#chunks.set(chunkId(key.toString('hex')), wound)
      }
    }
  }

  async look(name: string, row: VersionRow): Promise<void> {
    const hit = new Set<number>()
    const wound = this.#woundAt(row.manifest)
    if (wound >= 0) hit.add(wound)
    if (row.root !== undefined) await this.#under(row.root.ref, hit)
    for (const each of hit) this.#note(each, name)
  }

  harms(): string[][] {
    return this.#shown.map((names, i) => {
      const more = this.#more[i] ?? 0
      return more > 0 ? [...names, `and ${more} more versions`] : [...names]
    })
  }

  #note(wound: number, name: string): void {
    const shown = this.#shown[wound]
    if (shown === undefined || shown.has(name)) return
    if (shown.size < HARMS_SHOWN) shown.add(name)
    else this.#more[wound] = (this.#more[wound] ?? 0) + 1
  }

  async #under(ref: ChunkRef, hit: Set<number>): Promise<void> {
    const wound = this.#chunks.get(ref.id)
    if (wound !== undefined) hit.add(wound)
    if (wound !== undefined || !ref.node || this.#sound.has(ref.id)) return
    const before = hit.size
    for (const child of await this.#childrenOf(ref)) await this.#under(child, hit)
    if (hit.size === before && this.#sound.size < SOUND_MAX) this.#sound.add(ref.id)
  }

  /** A node that is damaged itself is a wound of its own, once the data is read. */
  async #childrenOf(ref: ChunkRef): Promise<ChunkRef[]> {
    return (await readable(this.parts.chunks, [ref])).flatMap(childrenOf)
  }

  #woundAt(place: Place): number {
    return this.wounds.findIndex((wound) => standsIn(wound, place))
  }
}
