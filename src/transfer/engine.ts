import { LIMITS } from '../base/limits.js'
import { forEachBounded } from '../base/pool.js'
import type { Done, Lister, Parked, Wanted } from '../model/endpoint.js'
import { isFolderKey } from '../model/key.js'
import { DELETION } from '../model/manifest.js'
import type { Step, TransferReport } from '../model/transfer.js'
import { descend } from './descend.js'
import { countPlan, type PlanCounts, passGuard } from './guard.js'
import { copyHistory } from './history.js'
import { Mover } from './mover.js'
import { planTransfer } from './plan.js'
import type { Phase, Transfer } from './transfer.js'
import { Unknown } from './unknown.js'

/**
 * Makes the sink like the source, once: plans, passes the guard, moves. What fails for one object is parked and the rest
 * goes on; what fails for all is thrown, and all that was told to `settled` stays done.
 * @throws GUARD before anything is written
 */
export async function runTransfer(transfer: Transfer): Promise<TransferReport> {
  const parked = new Map<string, Parked>()
  const park = (what: Parked): void => {
    if (!parked.has(what.key)) transfer.stats.add('objectsParked', 1)
    if (!parked.has(what.key)) transfer.settled({ ...what, status: 'parked', bytes: 0 })
    parked.set(what.key, what)
  }
  const counts = transfer.policy.deleteExtra ? await passedCounts(transfer, park) : undefined
  const deletes = transfer.policy.deleteExtra && counts?.deleteSteps !== 0
  // In a plain sink a name must be free before another kind of thing can take it; elsewhere new comes before old goes.
  const phases: readonly Phase[] = !deletes ? ['copy'] : transfer.sink.plain ? ['delete', 'copy'] : ['copy', 'delete']
  const { source } = transfer
  if (transfer.history && source.kind === 'reads' && source.history)
    await copyHistory(transfer, { read: source.read, history: source.history }, park)
  const mover = new Mover(transfer, park)
  for (const phase of phases)
    await (phase === 'copy' ? copyAll(transfer, mover, park) : deleteAll(transfer, counts, mover, park))
  if (mover.changed) {
    const folders = foldersOf(transfer, [...parked.values()], park)
    for (const what of await transfer.sink.finish(folders, transfer)) park(what)
  }
  for (const what of (await transfer.sink.tidy?.(transfer)) ?? []) park(what)
  return { parked: [...parked.values()] }
}

type Park = (what: Parked) => void

/** What the plan would do, once it has passed the guard; undefined where the guard is forced and nobody counts. */
async function passedCounts(transfer: Transfer, park: Park): Promise<PlanCounts | undefined> {
  if (transfer.guard.force) return undefined
  const { stats: _, ...uncounted } = transfer
  const { sink } = transfer
  const counts = await countPlan(planTransfer(uncounted, park), (key) => sink.wholeOf?.(key))
  passGuard(counts, transfer.guard)
  return counts
}

async function copyAll(transfer: Transfer, mover: Mover, park: Park): Promise<void> {
  const { source, sink, signal } = transfer
  const wanted = wantedOf(agreed(transfer, 'copy', planTransfer(transfer, park)))
  const how = {
    chunking: sink.chunking,
    compress: sink.compress,
    parcelsInFlight: transfer.parcelsInFlight,
    signal,
  }
  const parcels = source.kind === 'reads' ? source.read(wanted, how) : descend({ ...transfer, source }, wanted)
  await forEachBounded(parcels, transfer.parcelsInFlight, signal, (parcel, either) => mover.move(parcel, either))
}

const agreed = (
  transfer: Transfer,
  phase: Phase,
  steps: AsyncIterable<readonly Step[]>,
): AsyncIterable<readonly Step[]> => transfer.agreed?.(phase, steps) ?? steps

async function* wantedOf(steps: AsyncIterable<readonly Step[]>): AsyncGenerator<readonly Wanted[]> {
  let object = 0
  for await (const page of steps) {
    const wanted = page.flatMap((step): Wanted[] =>
      step.kind === 'copy' ? [{ object: object++, here: step.here, ...standing(step), ...basedOn(step) }] : [],
    )
    if (wanted.length > 0) yield wanted
  }
}

const standing = ({ there, thereRoot }: Extract<Step, { kind: 'copy' }>) => ({
  ...(there && { there }),
  ...(thereRoot && { thereRoot }),
})

const basedOn = ({ parents }: Extract<Step, { kind: 'copy' | 'delete' }>) => (parents ? { parents } : {})

/** @throws GUARD where by now more would be deleted than the plan that was `passed` may. */
async function deleteAll(transfer: Transfer, passed: PlanCounts | undefined, mover: Mover, park: Park): Promise<void> {
  const { signal } = transfer
  const { stats: _, baseline, ...rest } = transfer
  // Without it, what is extra goes, whatever both had.
  const plan = { ...rest, ...(transfer.policy.newsOnly && baseline ? { baseline } : {}) }
  let object = -1
  let deletes = 0
  for await (const page of agreed(transfer, 'delete', planTransfer(plan, park))) {
    const done = page.flatMap((step): Done[] =>
      step.kind === 'delete'
        ? [{ object: object--, key: step.key, content: DELETION, there: step.there, ...basedOn(step) }]
        : [],
    )
    deletes += done.filter(({ key }) => !isFolderKey(key)).length
    if (passed !== undefined) passGuard({ ...passed, deletes }, transfer.guard)
    for (let from = 0; from < done.length; from += LIMITS.parcelObjectsMax) {
      await mover.publish(done.slice(from, from + LIMITS.parcelObjectsMax), signal)
    }
  }
}

/** All folders that the source has, with what is kept of them, but for those of which it was told already why they are as they are. */
async function* foldersOf(transfer: Transfer, told: readonly Parked[], park: Park): AsyncGenerator<readonly Done[]> {
  const lister: Lister = transfer.source
  const { filter, signal } = transfer
  const at = transfer.atMs === undefined ? {} : { atMs: transfer.atMs }
  const skips = filter === undefined ? {} : { skips: filter.skips }
  const leavesAlone = filter?.pass() ?? (() => false)
  const unknown = new Unknown([...(transfer.leftOut ?? []), ...told])
  for await (const page of lister.list({ ...at, ...skips, signal }, park)) {
    const folders = page.filter(
      (row) => row.kind === 'folder' && !leavesAlone(row.key, row, undefined) && !unknown.covers(row.key),
    )
    if (folders.length === 0) continue
    yield folders.map(({ key, mode, mtimeNs }) => ({
      object: 0,
      key,
      content: {
        ...DELETION,
        kind: 'folder',
        attributes: { ...(mode === undefined ? {} : { mode }), ...(mtimeNs === undefined ? {} : { mtimeNs }) },
      },
    }))
  }
}
