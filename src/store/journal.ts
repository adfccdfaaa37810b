import { decodeJournalRow } from '../format/rows-bucket.js'
import { readU64 } from '../format/rows-numbers.js'
import type { BucketUid } from '../model/ids.js'
import type { Position } from '../model/position.js'
import type { Change } from '../model/segment.js'
import { isKnownEpoch } from './epochs.js'
import { journalKey, SEQUENCE_AT, uidKey } from './index/keys.js'
import { readIndexRow } from './index/row.js'
import { pagesUnder, rowsUnder, type Tables } from './index/tables.js'
import { bucketRow } from './index/transaction.js'

/** Where the bucket's journal stands now. */
export function positionOf(tables: Tables, bucket: BucketUid): Position {
  const { journal, epoch } = readIndexRow(tables)
  return { journal, epoch, sequence: bucketRow(tables, bucket).sequence }
}

/** Undefined where `since` is of another journal or an epoch that never was here, or past what was written in its epoch. */
export function changesSince(
  tables: Tables,
  bucket: BucketUid,
  since: Position,
): AsyncIterable<readonly Change[]> | undefined {
  const now = positionOf(tables, bucket)
  if (since.journal !== now.journal || !isKnownEpoch(tables, since)) return undefined
  if (since.sequence > lastOfEpoch(tables, bucket, since.epoch, now.sequence)) return undefined
  return pages(tables, bucket, since.sequence)
}

/** A row of `epochs` says with which sequence an epoch began in the bucket. */
function lastOfEpoch(tables: Tables, bucket: BucketUid, epoch: number, sequence: number): number {
  const [next] = rowsUnder(tables.epochs, uidKey(bucket), { from: journalKey(bucket, epoch + 1), limit: 1 })
  return next === undefined ? sequence : readU64(next.value, 0) - 1
}

async function* pages(tables: Tables, bucket: BucketUid, since: number): AsyncGenerator<readonly Change[]> {
  for await (const page of pagesUnder(tables.journals, uidKey(bucket), { from: journalKey(bucket, since + 1) })) {
    yield page.map(({ key, value }) => ({ sequence: readU64(key, SEQUENCE_AT), ...decodeJournalRow(value) }))
  }
}
