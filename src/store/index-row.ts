import { EfsError } from '../base/errors.js'
import { decodeIndexRow, encodeIndexRow, type IndexRow } from '../format/rows-home.js'
import type { Snapshot, Tables } from './tables.js'

export const INDEX_FORMAT = 1
const KEY = Buffer.from('\0index')

/** @throws CORRUPT where the index has no such row: it was never finished, or is not ours. */
export function readIndexRow(tables: Tables, snapshot?: Snapshot): IndexRow {
  const bytes = tables.root.get(KEY, snapshot && { transaction: snapshot })
  if (bytes === undefined) {
    throw new EfsError('CORRUPT', `the index of the segment in ${tables.home} is missing or empty`, {
      hint: 'put index.mdb back from a backup; the data itself is in the packs',
    })
  }
  return decodeIndexRow(bytes)
}

/** In a transaction. */
export function writeIndexRow(tables: Tables, row: IndexRow): void {
  tables.root.putSync(KEY, encodeIndexRow(row))
}
