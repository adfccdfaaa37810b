import { readdir, stat } from 'node:fs/promises'
import type { CallOptions } from '../model/endpoint.js'
import type { CheckReport } from '../model/segment.js'
import { checkIndex } from './check-index.js'
import { checkHeader, readPack } from './check-packs.js'
import type { CheckParts, PackSizes, Wound } from './check-parts.js'
import { homePaths, packName, packNumber, packPath } from './home.js'
import { openPacks } from './owners.js'
import type { Tables } from './tables.js'
import { harmsOf } from './wounds.js'

export async function checkSegment(
  parts: CheckParts,
  { readData, signal }: { readonly readData: boolean } & CallOptions,
): Promise<CheckReport> {
  const sizes = await packSizes(parts.tables)
  const wounds: Wound[] = []
  for (const pack of sizes.keys()) wounds.push(...(await checkHeader(parts, pack)))
  const index = await checkIndex(parts.tables, sizes, signal)
  wounds.push(...index.wounds)
  let records = 0
  let bytesRead = 0
  for (const [pack, size] of readData ? sizes : []) {
    const read = await readPack(parts.tables.home, pack, size, signal)
    wounds.push(...read.wounds)
    records += read.records
    bytesRead += size
  }
  const harms = await harmsOf(wounds, parts, signal)
  return {
    packs: sizes.size,
    records,
    versions: index.versions,
    bytesRead,
    damage: wounds.map(({ pack, offset, what }, i) => ({
      pack: pack === undefined ? 'index.mdb' : packName(pack),
      offset,
      what,
      harms: harms[i] ?? [],
    })),
  }
}

async function packSizes(tables: Tables): Promise<PackSizes> {
  const open = new Map(openPacks(tables).map(({ pack, indexed }) => [pack, indexed]))
  const sizes = new Map<number, number>()
  for (const name of (await readdir(homePaths(tables.home).packs)).sort()) {
    const pack = packNumber(name)
    if (pack === undefined) continue
    const { size } = await stat(packPath(tables.home, pack))
    sizes.set(pack, Math.min(size, open.get(pack) ?? size))
  }
  return sizes
}
