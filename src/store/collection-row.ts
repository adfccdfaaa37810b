import { type CollectionRow, decodeCollectionRow, encodeCollectionRow } from '../format/rows-home.js'
import type { Tables } from './tables.js'

const KEY = Buffer.from('\0collection')
const NONE: CollectionRow = { tick: 0, unfinished: false, pid: 0, startTicks: 0, boot: '0'.repeat(32), endedMs: 0 }

export function readCollectionRow(tables: Tables): CollectionRow {
  const bytes = tables.root.get(KEY)
  return bytes === undefined ? NONE : decodeCollectionRow(bytes)
}

/** In a transaction. */
export function writeCollectionRow(tables: Tables, row: CollectionRow): void {
  tables.root.putSync(KEY, encodeCollectionRow(row))
}
