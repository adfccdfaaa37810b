import { addToCell, CELL_BYTES, contentEntry, digestCellOf, fullEntry, subtractFromCell } from '../format/digest.js'
import { type BucketRow, decodeBucketRow, EMPTY_BUCKET, encodeBucketRow } from '../format/rows-bucket.js'
import { writeU64 } from '../format/rows-numbers.js'
import type { VersionRow } from '../format/rows-version.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { readIndexRow } from './index-row.js'
import { cellKey, journalKey, uidKey } from './keys.js'
import type { Tables } from './tables.js'

/** As they stand in the keys of cells. */
export const CELL_KIND = { content: 0, full: 1 } as const
type CellKind = (typeof CELL_KIND)[keyof typeof CELL_KIND]

interface Tally {
  row: { -readonly [column in keyof BucketRow]: BucketRow[column] }
  /** What is added to each cell that changes, written once at the end. */
  readonly cells: Map<number, { readonly kind: CellKind; readonly cell: number; readonly sum: Buffer }>
}

/** What is counted about buckets, gathered over one LMDB transaction. Dies with it. */
export class IndexTransaction {
  readonly #tallies = new Map<BucketUid, Tally>()
  readonly #epoch: number

  constructor(readonly tables: Tables) {
    this.#epoch = readIndexRow(tables).epoch
  }

  hasBucket(bucket: BucketUid): boolean {
    return this.#tallies.has(bucket) || this.tables.uids.doesExist(uidKey(bucket))
  }

  /** Gives out the next place in the bucket's journal. */
  nextSequence(bucket: BucketUid): number {
    const { row } = this.#tally(bucket)
    row.sequence++
    if (row.epoch !== this.#epoch) {
      row.epoch = this.#epoch
      this.tables.epochs.putSync(journalKey(bucket, this.#epoch), numberRow(row.sequence))
    }
    return row.sequence
  }

  countVersions(bucket: BucketUid, more: number): void {
    this.#tally(bucket).row.versions += more
  }

  /** The head of a key changes, or is the first, or goes. */
  replaceHead(bucket: BucketUid, key: ObjectKey, before: VersionRow | undefined, after: VersionRow | undefined): void {
    const tally = this.#tally(bucket)
    if (before !== undefined) count(tally, key, before, -1)
    if (after !== undefined) count(tally, key, after, 1)
  }

  finish(): void {
    for (const [bucket, { row, cells }] of this.#tallies) {
      this.tables.buckets.putSync(uidKey(bucket), encodeBucketRow(row))
      for (const { kind, cell, sum } of cells.values()) {
        const key = cellKey(bucket, kind, cell)
        const present = this.tables.cells.getBinaryFast(key)
        if (present !== undefined) addToCell(sum, present)
        this.tables.cells.putSync(key, sum)
      }
    }
  }

  #tally(bucket: BucketUid): Tally {
    const known = this.#tallies.get(bucket)
    if (known !== undefined) return known
    const tally: Tally = { row: { ...bucketRow(this.tables, bucket) }, cells: new Map() }
    this.#tallies.set(bucket, tally)
    return tally
  }
}

export function bucketRow(tables: Tables, bucket: BucketUid): BucketRow {
  const bytes = tables.buckets.get(uidKey(bucket))
  return bytes === undefined ? EMPTY_BUCKET : decodeBucketRow(bytes)
}

function count(tally: Tally, key: ObjectKey, head: VersionRow, sign: 1 | -1): void {
  const { row } = tally
  if (head.tips > 1) row.conflicts += sign
  if (head.kind === 'deleted') row.deleted += sign
  else if (head.kind === 'folder') row.folders += sign
  else {
    row.objects += sign
    row.bytes += sign * head.size
  }
  eachDigestEntry(key, head, (kind, cell, entry) => {
    const at = cell * 2 + kind
    let changed = tally.cells.get(at)
    if (changed === undefined) {
      changed = { kind, cell, sum: Buffer.allocUnsafe(CELL_BYTES).fill(0) }
      tally.cells.set(at, changed)
    }
    if (sign > 0) addToCell(changed.sum, entry)
    else subtractFromCell(changed.sum, entry)
  })
}

/** What a head adds to which cells. Deletes add nothing, folders only to the full digest. */
export function eachDigestEntry(
  key: ObjectKey,
  head: VersionRow,
  add: (kind: CellKind, cell: number, entry: Buffer) => void,
): void {
  if (head.kind === 'deleted') return
  const cell = digestCellOf(key)
  const content = contentEntry({ key, kind: head.kind, size: head.size, contentHash: head.contentHash })
  if (head.kind !== 'folder') add(CELL_KIND.content, cell, content)
  add(CELL_KIND.full, cell, fullEntry(content, head.attributesHash))
}

function numberRow(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  writeU64(bytes, value, 0)
  return bytes
}
