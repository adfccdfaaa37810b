import { type BucketRow, decodeBucketRow, EMPTY_BUCKET, encodeBucketRow } from '../../format/rows-bucket.js'
import type { CollectionRow } from '../../format/rows-home.js'
import { writeU64 } from '../../format/rows-numbers.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { BucketCounters } from '../../model/segment.js'
import { readCollectionRow } from '../collection-row.js'
import { type Cells, storedCells } from './cells.js'
import { journalKey, uidKey } from './keys.js'
import { readIndexRow } from './row.js'
import type { Snapshot } from './table.js'
import type { Tables } from './tables.js'

/** Counters while they are counted. */
export type Counted = { -readonly [column in keyof BucketCounters]: number }

interface Tally {
  row: { -readonly [column in keyof BucketRow]: BucketRow[column] }
  readonly cells: Cells
}

/** What is counted about buckets, gathered over one LMDB transaction. Dies with it. */
export class IndexTransaction {
  readonly #tallies = new Map<BucketUid, Tally>()
  /** Whose home this is, now. */
  readonly segment: SegmentGuid
  readonly #epoch: number
  readonly collection: CollectionRow

  constructor(readonly tables: Tables) {
    const { segment, epoch } = readIndexRow(tables)
    this.segment = segment
    this.#epoch = epoch
    this.collection = readCollectionRow(tables)
  }

  /** Whether no collection can have deleted anything since: what was found whole then is whole now. */
  isUncollectedSince({ tick }: CollectionRow): boolean {
    return this.collection.tick === tick && !this.collection.unfinished
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

  /** Deletes of before `stamp` (microseconds) were forgotten. */
  raiseFloor(bucket: BucketUid, stamp: number): void {
    const { row } = this.#tally(bucket)
    row.floor = Math.max(row.floor, stamp)
  }

  counters(bucket: BucketUid): BucketCounters {
    return this.#tally(bucket).row
  }

  countVersions(bucket: BucketUid, more: number): void {
    this.#tally(bucket).row.versions += more
  }

  /** The head of a key changes, or is the first, or goes. */
  replaceHead(bucket: BucketUid, key: ObjectKey, before: VersionRow | undefined, after: VersionRow | undefined): void {
    const tally = this.#tally(bucket)
    if (before !== undefined) {
      count(tally.row, before, -1)
      tally.cells.subtract(key, before)
    }
    if (after !== undefined) {
      count(tally.row, after, 1)
      tally.cells.add(key, after)
    }
  }

  /** It has been dropped. */
  forget(bucket: BucketUid): void {
    this.#tallies.delete(bucket)
  }

  finish(): void {
    for (const [bucket, { row, cells }] of this.#tallies) {
      this.tables.buckets.putSync(uidKey(bucket), encodeBucketRow(row))
      cells.write(this.tables, bucket)
    }
  }

  #tally(bucket: BucketUid): Tally {
    const known = this.#tallies.get(bucket)
    if (known !== undefined) return known
    const tally: Tally = { row: { ...bucketRow(this.tables, bucket) }, cells: storedCells(this.tables, bucket) }
    this.#tallies.set(bucket, tally)
    return tally
  }
}

export function bucketRow(tables: Tables, bucket: BucketUid, snapshot?: Snapshot): BucketRow {
  const bytes = tables.buckets.get(uidKey(bucket), snapshot && { transaction: snapshot })
  return bytes === undefined ? EMPTY_BUCKET : decodeBucketRow(bytes)
}

/** What a head adds to the counters of its bucket, or takes away. */
export function count(row: Counted, head: VersionRow, sign: 1 | -1): void {
  if (head.tips > 1) row.conflicts += sign
  if (head.kind === 'deleted') row.deleted += sign
  else if (head.kind === 'folder') row.folders += sign
  else {
    row.objects += sign
    row.bytes += sign * head.size
  }
}

function numberRow(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  writeU64(bytes, value, 0)
  return bytes
}
