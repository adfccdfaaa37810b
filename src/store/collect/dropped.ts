import { HOME } from '../epochs.js'
import { UID_BYTES, uidKey } from '../index/keys.js'
import type { Table } from '../index/table.js'
import { ALL, afterPrefix, pagesUnder, rowsUnder, type Tables, transact } from '../index/tables.js'
import type { PassOptions } from './pass.js'

/** Of one transaction: for so long other writers wait. */
const ROWS_MAX = 10_000

/**
 * Removes the rows of buckets that are gone: uids are never used again, so what stands under one without a name is nobody's.
 * Gives how many rows that were. Several processes may do so at once.
 */
export async function sweepDropped(tables: Tables, options: PassOptions): Promise<number> {
  const { heads, versions, journals, epochs, cells, checkpoints, retries, baselines } = tables
  let rows = 0
  for (const table of [heads, versions, journals, epochs, cells, checkpoints, retries, baselines]) {
    for (const uid of uidsOf(table)) {
      if (isGone(tables, uid)) rows += await sweepUnder(tables, table, uid, options)
    }
  }
  return rows
}

/** The home's own epochs stand under a uid that is no bucket's. */
const isGone = (tables: Tables, uid: Buffer): boolean => !uid.equals(uidKey(HOME)) && !tables.uids.doesExist(uid)

/** Each uid that rows of the table start with, by jumping from one to the next. */
function* uidsOf(table: Table): Generator<Buffer> {
  let from: Buffer | undefined
  do {
    const [row] = rowsUnder(table, ALL, { ...(from && { from }), limit: 1 })
    if (row === undefined) return
    const uid = row.key.subarray(0, UID_BYTES)
    yield uid
    from = afterPrefix(uid)
  } while (from !== undefined)
}

async function sweepUnder(tables: Tables, table: Table, uid: Buffer, { dryRun, signal }: PassOptions): Promise<number> {
  if (dryRun) return countUnder(table, uid)
  let rows = 0
  for (;;) {
    signal?.throwIfAborted()
    const swept = transact(tables, () => {
      // Only here is it certain that the name did not come a moment ago.
      const page = isGone(tables, uid) ? rowsUnder(table, uid, { limit: ROWS_MAX }) : []
      for (const { key } of page) table.removeSync(key)
      return page.length
    })
    rows += swept
    if (swept < ROWS_MAX) return rows
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function countUnder(table: Table, uid: Buffer): Promise<number> {
  let rows = 0
  for await (const page of pagesUnder(table, uid)) rows += page.length
  return rows
}
