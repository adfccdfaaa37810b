import type { IndexRow } from '../format/rows-home.js'
import { bucketUid } from '../model/ids.js'
import type { Position } from '../model/position.js'
import { journalKey } from './index/keys.js'
import { writeIndexRow } from './index/row.js'
import type { Tables } from './index/tables.js'
import { bootId } from './process-identity.js'

/** Under which the epochs of the home itself stand, beside those of its buckets. */
export const HOME = bucketUid('0'.repeat(32))

/** What the clock may make of an epoch's 32 bits; the rest is left to count on, should the clock once have been far ahead. */
const CLOCK_EPOCH_MAX = 2 ** 32 - 2 ** 24

/**
 * In a transaction: writes `row` with the next epoch. Epochs follow the clock, so that a disk that is set back to an earlier
 * state does not give out the same ones again.
 */
export function beginEpoch(tables: Tables, row: IndexRow, nowMs: number): void {
  const epoch = Math.max(row.epoch + 1, Math.min(Math.floor(nowMs / 1000), CLOCK_EPOCH_MAX))
  tables.epochs.putSync(journalKey(HOME, epoch), Buffer.from(row.journal, 'hex'))
  writeIndexRow(tables, { ...row, epoch, boot: bootId() })
}

/** Whether that epoch ever began in that journal, here. */
export const isKnownEpoch = (tables: Tables, { journal, epoch }: Position): boolean =>
  tables.epochs.get(journalKey(HOME, epoch))?.toString('hex') === journal
