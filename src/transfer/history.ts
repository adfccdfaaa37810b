import { forEachBounded } from '../base/pool.js'
import type { BaselineRow } from '../model/baseline.js'
import type { Parked, Reader, Wanted } from '../model/endpoint.js'
import type { History, State } from '../model/history.js'
import { looksSame, type VersionRef } from '../model/version-ref.js'
import { mergeJoin, noPages } from './merge-join.js'
import { Mover } from './mover.js'
import type { Transfer } from './transfer.js'

/** Brings what the objects were before they became what they are; that is left to the run itself. */
export async function copyHistory(
  transfer: Transfer,
  source: Pick<Reader, 'read'> & Required<Pick<Reader, 'history'>>,
  park: (what: Parked) => void,
): Promise<void> {
  const { sink, parcelsInFlight, signal } = transfer
  const { chunking, compress } = sink
  const wanted = wantedStates(transfer, source.history({ signal }))
  const parcels = source.read(wanted, { chunking, compress, parcelsInFlight, signal })
  const mover = new Mover(transfer, park)
  // One after the other: each state follows upon the one before.
  await forEachBounded(parcels, 1, signal, (parcel, either) => mover.move(parcel, either))
}

async function* wantedStates(
  { sink, baseline, filter, signal }: Transfer,
  histories: AsyncIterable<readonly History[]>,
): AsyncGenerator<readonly Wanted[]> {
  let object = 0
  const leavesAlone = filter?.pass() ?? (() => false)
  const there = sink.list({ deleted: true, signal }, () => undefined)
  for await (const page of mergeJoin(histories, there, baseline?.scan({ signal }) ?? noPages())) {
    const wanted = page.flatMap(({ key, left, right, base }) => {
      if (left === undefined || leavesAlone(key, left.states.at(-1)?.row, right)) return []
      return dueStates(left.states, right, base).map(
        ({ row, name }): Wanted => ({ object: object++, here: row, state: name }),
      )
    })
    if (wanted.length > 0) yield wanted
  }
}

/**
 * All, of what the sink never had; else those since both agreed, if they ever did. How the object is now is for the run,
 * and so is deleting what the sink has; only where it never had it, a delete at the end belongs to what the object was.
 */
export function dueStates(
  states: readonly State[],
  there: VersionRef | undefined,
  base: BaselineRow | undefined,
): readonly State[] {
  const isGone = states.at(-1)?.row.kind === 'deleted'
  if (there === undefined) return isGone && states.length > 1 ? states : states.slice(0, -1)
  if (base === undefined) return []
  const agreed = states.findLastIndex(({ row }) => row.seen !== undefined && looksSame(row.seen, base.seen))
  const since =
    agreed < 0
      ? states.filter(({ row }) => row.seen !== undefined && row.seen.mtimeNs > base.seen.mtimeNs)
      : states.slice(agreed + 1)
  return since.slice(0, -1)
}
