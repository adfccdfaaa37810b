import { forEachBounded } from '../base/pool.js'
import type { BaselineRow } from '../model/baseline.js'
import type { Parked, Reader, Wanted } from '../model/endpoint.js'
import type { History, State } from '../model/history.js'
import { versionId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { looksSame, objectPrint, type VersionRef } from '../model/version-ref.js'
import { type Joined, mergeJoin, noPages } from './merge-join.js'
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
    const past = new Map((await baseline?.past(page.flatMap(lacksBase)))?.map((row) => [row.key, row]))
    const begun: BaselineRow[] = []
    const wanted = page.flatMap(({ key, left, right, base }) => {
      if (left === undefined || leavesAlone(key, left.states.at(-1)?.row, right)) return []
      const agreed = base ?? past.get(key)
      const due = dueStates(left.states, right, agreed)
      if (due.length > 0 && agreed === undefined) begun.push({ key, ...NOTHING })
      return due.map(({ row, name }): Wanted => ({ object: object++, here: row, state: name }))
    })
    // What is brought of them by a run that is killed is not taken for what the sink had from elsewhere.
    await baseline?.putPast(begun)
    if (wanted.length > 0) yield wanted
  }
}

const lacksBase = ({ key, left, right, base }: Joined<History, VersionRef, BaselineRow>): ObjectKey[] =>
  left !== undefined && right !== undefined && base === undefined ? [key] : []

/** Every state is later. */
const NOTHING: Omit<BaselineRow, 'key'> = { id: versionId('00'.repeat(32)), seen: objectPrint('', 0, 0, 0) }

/**
 * All, of what the sink never had; else those since both agreed, if they ever did. How the object is now is for the run,
 * and so is deleting what the sink has; only where it has nothing, a delete at the end belongs to what the object was.
 */
export function dueStates(
  states: readonly State[],
  there: VersionRef | undefined,
  agreed: BaselineRow | undefined,
): readonly State[] {
  const isGone = states.at(-1)?.row.kind === 'deleted'
  if (there === undefined) return isGone && states.length > 1 ? states : states.slice(0, -1)
  if (agreed === undefined) return []
  const since = statesSince(states, agreed)
  if (there.kind !== 'deleted') return since.slice(0, -1)
  // It is deleted there already.
  const first = since.findIndex(({ row }) => row.kind !== 'deleted')
  return first < 0 ? [] : since.slice(first, isGone ? undefined : -1)
}

function statesSince(states: readonly State[], { seen }: BaselineRow): readonly State[] {
  const agreed = states.findLastIndex(({ row }) => row.seen !== undefined && looksSame(row.seen, seen))
  if (agreed >= 0) return states.slice(agreed + 1)
  return states.filter(({ row }) => row.seen !== undefined && row.seen.mtimeNs > seen.mtimeNs)
}
