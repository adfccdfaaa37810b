import { type CollectionRow, decodeCollectionRow, encodeCollectionRow } from '../format/rows-home.js'
import type { Tables } from './index/tables.js'
import { NOBODY } from './process-identity.js'

const KEY = Buffer.from('\0collection')
const NONE: CollectionRow = { ...NOBODY, tick: 0, unfinished: false, endedMs: 0 }

export function readCollectionRow(tables: Tables): CollectionRow {
  const bytes = tables.root.get(KEY)
  return bytes === undefined ? NONE : decodeCollectionRow(bytes)
}

/** In a transaction. */
export function writeCollectionRow(tables: Tables, row: CollectionRow): void {
  tables.root.putSync(KEY, encodeCollectionRow(row))
}
