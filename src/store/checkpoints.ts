import { decodeCheckpoint, decodeRetryRow, encodeCheckpoint, encodeRetryRow } from '../format/rows-live.js'
import type { Done, Parked, PublishResult } from '../model/endpoint.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { type Checkpoint, type CheckpointMove, isSameCheckpoint, type Retry } from '../model/live.js'
import { parkedAgain } from '../model/retry.js'
import { keyOfNamed, namedKey, underNamed } from './index/keys.js'
import { rowsUnder, successor, type Tables } from './index/tables.js'

export function checkpointOf(tables: Tables, bucket: BucketUid, name: string): Checkpoint | undefined {
  const row = tables.checkpoints.get(namedKey(bucket, name))
  return row && decodeCheckpoint(row)
}

/** In key order, at most `limit` after `after`. */
export function retriesOf(
  tables: Tables,
  bucket: BucketUid,
  name: string,
  after: ObjectKey | undefined,
  limit: number,
): Retry[] {
  const prefix = namedKey(bucket, name)
  const from = after === undefined ? {} : { from: successor(underNamed(prefix, after)) }
  return rowsUnder(tables.retries, prefix, { ...from, limit }).map(({ key, value }) =>
    decodeRetryRow(keyOfNamed(key), value),
  )
}

/** What came of a publish that carries a move. */
export interface Outcome {
  readonly done: readonly Done[]
  readonly results: readonly PublishResult[]
  readonly nowMs: number
}

/** In a transaction: the list of retries as the outcome makes it, and the checkpoint where nothing needs chunks and nobody else moved it. */
export function settleMove(tables: Tables, bucket: BucketUid, move: CheckpointMove, outcome: Outcome): void {
  const { done, results, nowMs } = outcome
  const at = namedKey(bucket, move.name)
  const parked = [...move.parked, ...done.flatMap(({ key }, i) => parkedOf(key, results[i]))]
  const before = new Map(parked.map(({ key }) => [key, tables.retries.get(underNamed(at, key))]))
  if (rowsUnder(tables.retries, at, { limit: 1 }).length > 0) {
    const settled = done.filter((_, i) => results[i]?.status !== 'needs').map(({ key }) => key)
    for (const key of [...settled, ...(move.gone ?? [])]) tables.retries.removeSync(underNamed(at, key))
  }
  for (const what of parked) {
    const row = before.get(what.key)
    const retry = parkedAgain(row && decodeRetryRow(what.key, row), what, nowMs)
    tables.retries.putSync(underNamed(at, what.key), encodeRetryRow(retry))
  }
  const isComplete = !results.some(({ status }) => status === 'needs')
  if (!isComplete || !isSameCheckpoint(checkpointOf(tables, bucket, move.name), move.from)) return
  tables.checkpoints.putSync(at, encodeCheckpoint(move.to))
}

const parkedOf = (key: ObjectKey, result: PublishResult | undefined): Parked[] =>
  result?.status === 'parked' ? [{ key, why: result.why }] : []
