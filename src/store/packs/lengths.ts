import { readU64, writeU64 } from '../../format/rows-numbers.js'
import { packKey } from '../index/keys.js'
import type { Snapshot } from '../index/table.js'
import { ALL, rowsUnder, type Tables } from '../index/tables.js'
import { openPacks, removeOwner } from './owners.js'

/** In a transaction: nobody writes the pack any more, which is whole up to `length`. */
export function sealAt(tables: Tables, pack: number, length: number): void {
  noteLength(tables, pack, length)
  removeOwner(tables, pack)
}

/** In a transaction. */
export function noteLength({ lengths }: Tables, pack: number, length: number): void {
  const bytes = Buffer.alloc(8)
  writeU64(bytes, length, 0)
  lengths.putSync(packKey(pack), bytes)
}

/** Of a sealed pack; 0 where that was not noted. */
export function lengthOf({ lengths }: Tables, pack: number): number {
  const row = lengths.get(packKey(pack))
  return row === undefined ? 0 : readU64(row, 0)
}

/** How much of each pack the index counts on. Of a pack that an efs sealed which did not note it, nothing is known. */
export function countedOn(tables: Tables, snapshot: Snapshot): ReadonlyMap<number, number> {
  const sealed = rowsUnder(tables.lengths, ALL, { snapshot }).map(
    ({ key, value }) => [key.readUInt32BE(0), readU64(value, 0)] as const,
  )
  const open = openPacks(tables, snapshot).map(({ pack, indexed }) => [pack, indexed] as const)
  return new Map([...sealed, ...open])
}
