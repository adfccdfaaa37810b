import { RECORD_HEADER_BYTES } from '../../format/pack.js'
import { decodeChunkRow, type Place } from '../../format/rows-chunk.js'
import { decodeVersionRow } from '../../format/rows-version.js'
import type { Named } from '../../model/name-space.js'
import { Marks } from '../collect/marks.js'
import { Cells, storedCells } from '../index/cells.js'
import { keyOfHead, uidKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import { readIndexRow } from '../index/row.js'
import type { Snapshot } from '../index/table.js'
import { ALL, pagesUnder, type Tables } from '../index/tables.js'
import { bucketRow, count } from '../index/transaction.js'
import { inIndex, type PackSizes, type Wound } from './parts.js'

/** Whether everything that the index names is in a pack, and whether what it counts is what it holds. */
export async function checkIndex(
  tables: Tables,
  sizes: PackSizes,
  snapshot: Snapshot,
  signal: AbortSignal | undefined,
): Promise<{ wounds: Wound[]; versions: number }> {
  const places = new PlaceCheck(sizes)
  const { nextDense } = readIndexRow(tables, snapshot)
  const numbers = new Marks()
  let areNumbered = true
  for await (const page of pagesUnder(tables.chunks, ALL, { snapshot })) {
    signal?.throwIfAborted()
    for (const { value } of page) {
      const { place, dense } = decodeChunkRow(value)
      places.look(place)
      areNumbered &&= dense < nextDense && numbers.add(dense)
    }
  }
  // What stands under the uid of a bucket that is gone is nobody's: its packs may be gone too.
  let versions = 0
  const wrong: Wound[] = areNumbered ? [] : [inIndex('the numbering of the chunks is wrong')]
  for (const bucket of buckets(tables)) {
    const checked = await checkBucket(tables, bucket, places, snapshot, signal)
    versions += checked.versions
    wrong.push(...checked.wounds)
  }
  return { wounds: [...places.wounds(), ...wrong], versions }
}

/** Gathers what is outside of the packs, one wound a pack however many rows say so. */
class PlaceCheck {
  readonly #lost = new Map<number, number>()

  constructor(readonly sizes: PackSizes) {}

  look({ pack, offset, length }: Place): void {
    if (offset + RECORD_HEADER_BYTES + length <= (this.sizes.get(pack) ?? 0)) return
    this.#lost.set(pack, Math.min(offset, this.#lost.get(pack) ?? offset))
  }

  wounds(): Wound[] {
    return [...this.#lost].map(([pack, offset]) => {
      const size = this.sizes.get(pack)
      const what =
        size === undefined ? 'the pack is missing' : `the pack ends at ${size}, before what the index says is in it`
      return { pack, offset, end: Number.POSITIVE_INFINITY, what }
    })
  }
}

async function checkBucket(
  tables: Tables,
  { uid, path }: Named,
  places: PlaceCheck,
  snapshot: Snapshot,
  signal: AbortSignal | undefined,
): Promise<{ wounds: Wound[]; versions: number }> {
  const counted = { objects: 0, bytes: 0, folders: 0, versions: 0, deleted: 0, conflicts: 0 }
  // What the heads say of the versions and tips of their keys, less those that there are.
  let [moreVersions, moreTips, sequence] = [0, 0, 0]
  const cells = new Cells(() => undefined)
  for (const table of [tables.heads, tables.versions]) {
    for await (const page of pagesUnder(table, uidKey(uid), { snapshot })) {
      signal?.throwIfAborted()
      counted.versions += page.length
      for (const { key, value } of page) {
        const row = decodeVersionRow(value)
        places.look(row.manifest)
        sequence = Math.max(sequence, row.sequence)
        moreVersions -= 1
        moreTips -= row.tip ? 1 : 0
        if (table === tables.versions) continue
        moreVersions += row.others + 1
        moreTips += row.tips
        count(counted, row, 1)
        cells.add(keyOfHead(key), row)
      }
    }
  }
  const stored = storedCells(tables, uid, snapshot)
  const hasSameCells =
    cells.all('content').equals(stored.all('content')) && cells.all('full').equals(stored.all('full'))
  const wrong = (what: string): Wound => inIndex(`${what} of bucket ${path} is wrong`)
  const stands = bucketRow(tables, uid, snapshot)
  const isCounted =
    COUNTERS.every((column) => stands[column] === counted[column]) && moreVersions === 0 && moreTips === 0
  const wounds = [
    ...(isCounted ? [] : [wrong('the count')]),
    ...(sequence <= stands.sequence ? [] : [wrong('the journal')]),
    ...(hasSameCells ? [] : [wrong('the digest')]),
  ]
  return { wounds, versions: counted.versions }
}

const COUNTERS = ['objects', 'bytes', 'folders', 'versions', 'deleted', 'conflicts'] as const
