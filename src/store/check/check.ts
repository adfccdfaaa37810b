import { readdir, stat } from 'node:fs/promises'
import { unlessGone } from '../../base/errors.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { CheckReport, Damage } from '../../model/segment.js'
import { homePaths, packName, packNumber, packPath } from '../home.js'
import { readIndexRow } from '../index/row.js'
import type { Snapshot } from '../index/table.js'
import { type Tables, withSnapshot } from '../index/tables.js'
import { isNotedBroken } from '../packs/broken.js'
import { countedOn } from '../packs/lengths.js'
import { missingPacks } from '../packs/missing.js'
import { openPacks } from '../packs/owners.js'
import { checkIndex } from './index.js'
import { checkHeader, readPack } from './packs.js'
import type { CheckParts, PackSizes, Wound } from './parts.js'
import { checkVersions } from './versions.js'
import { harmsOf } from './wounds.js'

/** A pack that is gone when it is looked at was removed by a collection: whether one is missed is found in another way. */
export async function checkSegment(
  parts: CheckParts,
  { readData, signal }: { readonly readData: boolean } & CallOptions,
): Promise<CheckReport> {
  const { sizes, counted, wounds, versions } = await withSnapshot(parts.tables, async (snapshot) => {
    const packs = await packsNow(parts.tables, snapshot)
    return { ...packs, ...(await checkIndex(parts.tables, packs.sizes, snapshot, signal)) }
  })
  wounds.push(...(await headerWounds(parts, sizes)))
  let [records, bytesRead] = [0, 0]
  for (const [pack, size] of readData ? sizes : []) {
    const read = await readPack(parts, pack, size, signal).catch(unlessGone)
    if (read === undefined) continue
    wounds.push(...fresh(parts, read.wounds))
    records += read.records
    bytesRead += size
  }
  if (readData) wounds.push(...(await checkVersions(parts, wounds, signal)))
  // Most of what is cut off was told by then, as what it harms.
  wounds.push(...cutShort(sizes, counted).filter((cut) => wounds.every(({ pack }) => pack !== cut.pack)))
  const harms = await harmsOf(wounds, parts, signal)
  return {
    packs: sizes.size,
    records,
    versions,
    bytesRead,
    damage: wounds.map(({ pack, offset, what }, i) => ({
      pack: pack === undefined ? 'index.mdb' : packName(pack),
      offset,
      what,
      harms: harms[i] ?? [],
    })),
  }
}

/** The heads of all packs, how long they are and whether they are there, and nothing else: as long as there are packs, however much is in them. */
export async function glanceSegment(parts: CheckParts): Promise<Damage[]> {
  const { sizes, counted } = await withSnapshot(parts.tables, (snapshot) => packsNow(parts.tables, snapshot))
  const wounds = [...(await headerWounds(parts, sizes)), ...cutShort(sizes, counted)]
  const missing = (await missingPacks(parts.tables)).map((pack) => ({ pack, offset: 0, what: 'the pack is missing' }))
  return [...wounds, ...missing].map(({ pack = 0, offset, what }) => ({
    pack: packName(pack),
    offset,
    what,
    harms: [],
  }))
}

/** How long each pack is, and how long it has to be. */
const packsNow = async (tables: Tables, snapshot: Snapshot): Promise<{ sizes: PackSizes; counted: PackSizes }> => ({
  sizes: await packSizes(tables, snapshot),
  counted: countedOn(tables, snapshot),
})

const cutShort = (sizes: PackSizes, counted: PackSizes): Wound[] =>
  [...sizes].flatMap(([pack, size]) => {
    const length = counted.get(pack) ?? 0
    return size < length
      ? [{ pack, offset: size, end: length, what: `the pack ends here, it has lost ${length - size} bytes` }]
      : []
  })

/** One file after the other: there may be more of them than a process may have open. */
async function headerWounds(parts: CheckParts, sizes: PackSizes): Promise<Wound[]> {
  const wounds: Wound[] = []
  for (const pack of sizes.keys()) wounds.push(...((await checkHeader(parts, pack).catch(unlessGone)) ?? []))
  return fresh(parts, wounds)
}

/** Without what was there when the index was made anew: nothing in it stands there. */
const fresh = ({ tables }: CheckParts, wounds: readonly Wound[]): Wound[] =>
  wounds.filter(({ pack, offset, end }) => pack === undefined || !isNotedBroken(tables, { pack, offset, end }))

/** As the snapshot knows them: of a pack that somebody writes what was committed, and none that was begun later. */
async function packSizes(tables: Tables, snapshot: Snapshot): Promise<PackSizes> {
  const open = new Map(openPacks(tables, snapshot).map(({ pack, indexed }) => [pack, indexed]))
  const { nextPack } = readIndexRow(tables, snapshot)
  const sizes = new Map<number, number>()
  for (const name of (await readdir(homePaths(tables.home).packs)).sort()) {
    const pack = packNumber(name)
    if (pack === undefined || pack >= nextPack) continue
    const size = (await stat(packPath(tables.home, pack)).catch(unlessGone))?.size
    if (size !== undefined) sizes.set(pack, Math.min(size, open.get(pack) ?? size))
  }
  return sizes
}
