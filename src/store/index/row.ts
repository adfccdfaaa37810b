import { EfsError } from '../../base/errors.js'
import { REPAIR } from '../../format/damaged-row.js'
import { decodeIndexRow, encodeIndexRow, type IndexRow, indexFormatOf } from '../../format/rows-home.js'
import type { Snapshot } from './table.js'
import type { Tables } from './tables.js'

export const INDEX_FORMAT = 2
const KEY = Buffer.from('\0index')

/** @throws CORRUPT where the index has no such row: it was never finished, or is not ours. */
export const readIndexRow = (tables: Tables, snapshot?: Snapshot): IndexRow => decodeIndexRow(bytesOf(tables, snapshot))

/** Of an index of any format. @throws CORRUPT, as `readIndexRow` */
export const readIndexFormat = (tables: Tables, snapshot?: Snapshot): number => indexFormatOf(bytesOf(tables, snapshot))

function bytesOf(tables: Tables, snapshot?: Snapshot): Buffer {
  const bytes = tables.root.get(KEY, snapshot && { transaction: snapshot })
  if (bytes === undefined) {
    throw new EfsError('CORRUPT', `the index of the segment in ${tables.home} is missing or empty`, {
      hint: REPAIR,
    })
  }
  return bytes
}

/** In a transaction. */
export function writeIndexRow(tables: Tables, row: IndexRow): void {
  tables.root.putSync(KEY, encodeIndexRow(row))
}
