import { decodeCheckpoint, decodeRetryRow, encodeCheckpoint, encodeRetryRow, waitingOf } from '../format/rows-live.js'
import type { Done, Parked, PublishResult } from '../model/endpoint.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { type Checkpoint, type CheckpointMove, isSameCheckpoint, type Retry } from '../model/live.js'
import { parkedAgain, parkedFor, stillWaiting, waitingToo } from '../model/retry.js'
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
  const { retries } = tables
  const at = namedKey(bucket, move.name)
  const parked = [...move.parked, ...done.flatMap((one, i) => parkedOf(one, results[i]))]
  const before = new Map(parked.map(({ key }) => [key, retries.get(underNamed(at, key))]))
  if (rowsUnder(retries, at, { limit: 1 }).length > 0) {
    for (const [i, one] of done.entries())
      if (results[i]?.status !== 'needs') takeOff(tables, underNamed(at, one.key), one)
    for (const key of move.gone ?? []) retries.removeSync(underNamed(at, key))
  }
  for (const what of parked) {
    const [row, now] = [before.get(what.key), retries.get(underNamed(at, what.key))]
    const retry = parkedAgain(row && decodeRetryRow(what.key, row), what, nowMs)
    retries.putSync(underNamed(at, what.key), encodeRetryRow(retry, waitingToo(now ? waitingOf(now) : [], what.stamp)))
  }
  const isComplete = !results.some(({ status }) => status === 'needs')
  if (!isComplete || !isSameCheckpoint(checkpointOf(tables, bucket, move.name), move.from)) return
  tables.checkpoints.putSync(at, encodeCheckpoint(move.to))
}

/** Other versions of its key may wait all the same. */
function takeOff({ retries }: Tables, at: Buffer, done: Done): void {
  const row = retries.get(at)
  if (row === undefined) return
  const left = stillWaiting(waitingOf(row), done)
  if (left.length === 0) retries.removeSync(at)
  else retries.putSync(at, encodeRetryRow(decodeRetryRow(done.key, row), left))
}

const parkedOf = (done: Done, result: PublishResult | undefined): Parked[] =>
  result?.status === 'parked' ? [parkedFor(done, result.why)] : []
