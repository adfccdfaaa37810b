import { readdir } from 'node:fs/promises'
import { PACK_HEADER_BYTES } from '../../format/pack.js'
import { decodeChunkRow } from '../../format/rows-chunk.js'
import { decodeVersionRow } from '../../format/rows-version.js'
import { homePaths, packNumber } from '../home.js'
import { packKey, uidKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import { readIndexRow } from '../index/row.js'
import type { Snapshot } from '../index/table.js'
import { ALL, pagesUnder, rowsUnder, type Tables, withSnapshot } from '../index/tables.js'
import { forgetBroken } from './broken.js'
import { openPacks } from './owners.js'

/** In a transaction: the files of these packs went because nothing needs them. */
export function noteGone(tables: Tables, packs: Iterable<number>): void {
  const { gone, lengths } = tables
  for (const pack of packs) {
    gone.putSync(packKey(pack), ALL)
    lengths.removeSync(packKey(pack))
    forgetBroken(tables, pack)
  }
}

/**
 * The packs that have no file and that something in the index stands in. The index is looked through only where a number has no
 * file and is not noted as gone: then it takes as long as there are chunks and versions.
 */
export async function missingPacks(tables: Tables): Promise<number[]> {
  const { known, given } = await withSnapshot(tables, (snapshot) => knownPacks(tables, snapshot))
  if (known.size === given) return []
  // What stood in a pack is moved before its file goes: only a snapshot of after that tells.
  tables.root.resetReadTxn()
  const needed = await withSnapshot(tables, (snapshot) => neededPacks(tables, snapshot))
  return [...needed].filter((pack) => pack <= given && !known.has(pack)).sort((a, b) => a - b)
}

/** How many numbers were given out by then, and those of which it is known where their packs are. */
async function knownPacks(
  tables: Tables,
  snapshot: Snapshot,
): Promise<{ readonly known: ReadonlySet<number>; readonly given: number }> {
  const given = readIndexRow(tables, snapshot).nextPack - 1
  const known = new Set(rowsUnder(tables.gone, ALL, { snapshot }).map(({ key }) => key.readUInt32BE(0)))
  // Its file is made after its row, or goes before it does.
  for (const { pack, indexed } of openPacks(tables, snapshot)) if (indexed <= PACK_HEADER_BYTES) known.add(pack)
  for (const name of await readdir(homePaths(tables.home).packs)) {
    const pack = packNumber(name)
    if (pack !== undefined && pack <= given) known.add(pack)
  }
  return { known, given }
}

async function neededPacks(tables: Tables, snapshot: Snapshot): Promise<ReadonlySet<number>> {
  const needed = new Set<number>()
  for await (const page of pagesUnder(tables.chunks, ALL, { snapshot }))
    for (const { value } of page) needed.add(decodeChunkRow(value).place.pack)
  for (const { uid } of buckets(tables)) {
    for (const table of [tables.heads, tables.versions]) {
      for await (const page of pagesUnder(table, uidKey(uid), { snapshot }))
        for (const { value } of page) needed.add(decodeVersionRow(value).manifest.pack)
    }
  }
  return needed
}
