import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { NotKept, Parked } from '../model/endpoint.js'
import { isFolderKey, ROOT_FOLDER } from '../model/key.js'
import type { StatsSnapshot } from '../model/stats.js'
import type { Guard, Step, TransferPolicy } from '../model/transfer.js'
import { runTransfer } from '../transfer/engine.js'
import { paceOf, unpaced } from '../transfer/pace.js'
import { planTransfer } from '../transfer/plan.js'
import type { App } from './app.js'
import { type Sides, withSides } from './sides.js'
import { acquaintanceOf } from './unchanged.js'
import { newStats, type Watch } from './watch.js'

export interface SyncRequest {
  readonly from: string
  readonly to: string
  /** What is shown to a gateway for which nothing is kept here. */
  readonly auth?: string
  readonly policy: TransferPolicy
  readonly guard: Guard
  /** Bytes a second. */
  readonly bandwidth?: number
  /** Parcels in flight; tuned to the machine when absent. */
  readonly jobs?: number
  /** The source as it was then, milliseconds since 1970. */
  readonly atMs?: number
}

export interface SyncSummary {
  readonly counts: StatsSnapshot
  readonly parked: readonly Parked[]
  readonly notKept: readonly NotKept[]
  readonly seconds: number
}

/** Makes `to` like `from`, once. @throws GUARD before anything is written; USAGE, NOT_FOUND, DISK_FULL, IO, CORRUPT */
export function syncOnce(app: App, request: SyncRequest, watch: Watch): Promise<SyncSummary> {
  const started = performance.now()
  return withSides(app, { ...request, access: 'write', stats: watch.stats }, async (sides) => {
    const { source, sink } = rolesOf(sides, request)
    const { policy, atMs } = request
    const known = policy.checksum || atMs !== undefined ? undefined : acquaintanceOf(sides.from, sides.to, policy)
    const { signal } = watch
    const before = await known?.stand({ signal })
    const seconds = (): number => (performance.now() - started) / 1000
    if (known && before && (await known.isSettled(before, { signal }))) {
      watch.stats.add('objectsLooked', known.holds.objects)
      watch.stats.add('bytesLooked', known.holds.bytes)
      return { counts: watch.stats.read(), parked: [], notKept: [], seconds: seconds() }
    }
    const { parked } = await runTransfer({
      source,
      sink,
      ...(sides.baseline && { baseline: sides.baseline }),
      policy,
      guard: request.guard,
      ...(atMs === undefined ? {} : { atMs }),
      parcelsInFlight: request.jobs ?? LIMITS.parcelsInFlightMax,
      pace: request.bandwidth === undefined ? unpaced : paceOf(request.bandwidth, app.clock),
      ...watch,
    })
    const notKept = sides.from.notKept?.() ?? []
    const counts = watch.stats.read()
    const isDone = parked.length === 0 && counts.objectsPublished + counts.objectsDeleted + counts.objectsKnown === 0
    if (known && before && isDone) await known.settle(before, { signal })
    return { counts, parked, notKept, seconds: seconds() }
  })
}

/** The steps that `syncOnce` would perform, a page at a time; nothing is written. Gives what could not be looked at. */
export function planSync(
  app: App,
  request: SyncRequest,
  signal: AbortSignal,
  each: (steps: readonly Step[]) => Promise<void>,
): Promise<Parked[]> {
  return withSides(app, { ...request, access: 'read', stats: newStats() }, async (sides) => {
    const parked: Parked[] = []
    const plan = planTransfer(
      {
        ...rolesOf(sides, request),
        ...(sides.baseline && { baseline: sides.baseline }),
        policy: request.policy,
        ...(request.atMs === undefined ? {} : { atMs: request.atMs }),
        signal,
      },
      (what) => parked.push(what),
    )
    for await (const steps of plan) await each(steps.filter(isTold))
    return parked
  })
}

/** A plan that people read has objects, and folders that come or go; that a folder gets another time goes without saying. */
const isTold = (step: Step): boolean =>
  step.kind === 'delete' || (step.kind === 'copy' && step.key !== ROOT_FOLDER && !(isFolderKey(step.key) && step.there))

function rolesOf({ from, to }: Sides, { atMs }: SyncRequest) {
  if (atMs !== undefined && from.source?.kind !== 'fetches') {
    throw new EfsError('USAGE', `${from.label} has no past`, { hint: '--at TIME is for a bucket as the source' })
  }
  if (from.source === undefined) throw new EfsError('USAGE', `nothing can be read from ${from.label}`)
  if (to.sink === undefined) throw new EfsError('USAGE', `nothing can be written to ${to.label}`)
  return { source: from.source, sink: to.sink }
}
