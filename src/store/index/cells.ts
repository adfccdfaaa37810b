import {
  addToCell,
  CELL_BYTES,
  contentEntry,
  DIGEST_CELLS,
  digestCellOf,
  fullEntry,
  subtractFromCell,
} from '../../format/digest.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { DigestKind } from '../../model/endpoint.js'
import type { BucketUid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { cellsKey } from './keys.js'
import type { Snapshot } from './table.js'
import type { Tables } from './tables.js'

/** As they stand in keys. */
const KINDS: readonly DigestKind[] = ['content', 'full']
/** Of one row: a commit of many versions touches most cells, so few rows of 1 KiB are cheaper than many of 32 bytes. */
const CELLS_PER_ROW = 32
const ROW_BYTES = CELLS_PER_ROW * CELL_BYTES
const ROWS = DIGEST_CELLS / CELLS_PER_ROW

/** The digest cells of one bucket that have been touched, in memory. */
export class Cells {
  readonly #rows = new Map<number, Buffer>()

  /** `load`: what a row held until now, if anything. */
  constructor(readonly load: (kind: number, block: number) => Buffer | undefined) {}

  /** Deletes add nothing, folders only to the full digest. */
  add(key: ObjectKey, head: VersionRow): void {
    this.#change(key, head, addToCell)
  }

  subtract(key: ObjectKey, head: VersionRow): void {
    this.#change(key, head, subtractFromCell)
  }

  /** In a transaction. */
  write(tables: Tables, bucket: BucketUid): void {
    for (const [at, row] of this.#rows) tables.cells.putSync(cellsKey(bucket, Math.floor(at / ROWS), at % ROWS), row)
  }

  /** All rows of a kind, one after the other. */
  all(kind: DigestKind): Buffer {
    const first = KINDS.indexOf(kind) * ROWS
    return Buffer.concat(Array.from({ length: ROWS }, (_, block) => this.#row(first + block)))
  }

  #change(key: ObjectKey, head: VersionRow, change: (cell: Buffer, entry: Buffer) => void): void {
    if (head.kind === 'deleted') return
    const cell = digestCellOf(key)
    const content = contentEntry({ key, kind: head.kind, size: head.size, contentHash: head.contentHash })
    if (head.kind !== 'folder') change(this.#cell(0, cell), content)
    change(this.#cell(1, cell), fullEntry(content, head.attributesHash))
  }

  #cell(kind: number, cell: number): Buffer {
    const offset = (cell % CELLS_PER_ROW) * CELL_BYTES
    return this.#row(kind * ROWS + Math.floor(cell / CELLS_PER_ROW)).subarray(offset, offset + CELL_BYTES)
  }

  #row(at: number): Buffer {
    let row = this.#rows.get(at)
    if (row === undefined) {
      row = this.load(Math.floor(at / ROWS), at % ROWS) ?? Buffer.alloc(ROW_BYTES)
      this.#rows.set(at, row)
    }
    return row
  }
}

/** A bucket's cells as they are stored. */
export const storedCells = (tables: Tables, bucket: BucketUid, snapshot?: Snapshot): Cells =>
  new Cells((kind, block) => tables.cells.get(cellsKey(bucket, kind, block), snapshot && { transaction: snapshot }))

/** One buffer a cell, in order. */
export function cellsOf(cells: Cells, kind: DigestKind): Buffer[] {
  const all = cells.all(kind)
  return Array.from({ length: DIGEST_CELLS }, (_, cell) => all.subarray(cell * CELL_BYTES, (cell + 1) * CELL_BYTES))
}
