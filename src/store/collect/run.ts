import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { readCollectionRow, writeCollectionRow } from '../collection-row.js'
import { readIndexRow } from '../index/row.js'
import { type Tables, transact } from '../index/tables.js'
import { openPacks } from '../packs/owners.js'
import { isRunning, NOBODY, thisProcess } from '../process-identity.js'

/**
 * Claims the home for one collector for as long as `work` runs. A claim of a process that is gone is nothing.
 * @throws CONFLICT where another process collects
 */
export async function asCollector<T>(tables: Tables, clock: Clock, work: () => Promise<T>): Promise<T> {
  transact(tables, () => {
    const row = readCollectionRow(tables)
    if (row.pid !== NOBODY.pid && isRunning(row, tables.home)) throw collecting(row.pid)
    writeCollectionRow(tables, { ...row, ...thisProcess() })
  })
  try {
    return await work()
  } finally {
    transact(tables, () => {
      const row = readCollectionRow(tables)
      writeCollectionRow(tables, { ...row, ...NOBODY, endedMs: clock.nowMs() })
    })
  }
}

/** The dense numbers that bound what a collection judges. */
export interface Bounds {
  /** The next one when it began. */
  readonly markedBelow: number
  /** Where the oldest process that still writes began to write, if any does. */
  readonly condemnBelow: number
  /** Those processes. */
  readonly writers: readonly number[]
}

export function boundsOf(tables: Tables): Bounds {
  const writers = openPacks(tables).filter((owner) => isRunning(owner, tables.home))
  const markedBelow = readIndexRow(tables).nextDense
  return {
    markedBelow,
    condemnBelow: Math.min(markedBelow, ...writers.map(({ sinceDense }) => sinceDense)),
    writers: [...new Set(writers.map(({ pid }) => pid))],
  }
}

/**
 * From here to the end of `work`, publishers take no node for whole and look again at all that they need in the transaction that
 * needs it. That holds on where this process is killed, until another run ends: only then is it true again of every node that
 * counts as whole that everything under it is here.
 */
export async function whileUnfinished<T>(tables: Tables, work: (bounds: Bounds) => Promise<T>): Promise<T> {
  const bounds = transact(tables, () => {
    step(tables, true)
    return boundsOf(tables)
  })
  const result = await work(bounds)
  transact(tables, () => step(tables, false))
  return result
}

function step(tables: Tables, unfinished: boolean): void {
  const row = readCollectionRow(tables)
  writeCollectionRow(tables, { ...row, unfinished, tick: row.tick + 1 })
}

const collecting = (pid: number): EfsError =>
  new EfsError('CONFLICT', `process ${pid} collects in this home now`, {
    hint: 'wait until it has ended, then run it again',
  })
