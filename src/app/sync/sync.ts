import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Endpoint, NotKept, Parked } from '../../model/endpoint.js'
import type { Filter, FilterSpec } from '../../model/filter.js'
import type { StatsSnapshot } from '../../model/stats.js'
import type { Guard, TransferPolicy } from '../../model/transfer.js'
import { runTransfer } from '../../transfer/engine.js'
import { paceOf, unpaced } from '../../transfer/pace.js'
import type { Transfer } from '../../transfer/transfer.js'
import type { App } from '../app.js'
import { booked, openRun } from '../runs/record.js'
import { keepSpeed } from '../runs/speeds.js'
import type { Watch } from '../watch.js'
import { filterFor } from './filtering.js'
import { type Mounts, type MountsOf, takeMounts } from './mounts.js'
import { placeOf, type Sides, withSides } from './sides.js'
import { acquaintanceOf } from './unchanged.js'

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
  /** What the source's objects were comes too. */
  readonly history?: boolean
  /** What is looked at, beside what an `.efsignore` says. */
  readonly filter?: FilterSpec
}

export interface SyncSummary {
  readonly counts: StatsSnapshot
  readonly parked: readonly Parked[]
  readonly notKept: readonly NotKept[]
  readonly seconds: number
  /** The number that it has where it changed objects of a bucket on this machine. */
  readonly run?: number
}

/** Makes `to` like `from`, once. @throws GUARD before anything is written; USAGE, NOT_FOUND, DISK_FULL, IO, CORRUPT */
export function syncOnce(app: App, request: SyncRequest, watch: Watch): Promise<SyncSummary> {
  const startedMs = performance.now()
  return withSides(app, { ...request, access: 'write', ...watch }, (sides) => {
    const { filter: _, ...how } = request
    const filter = filterFor(app, request)
    return syncSides(app, sides, { ...how, startedMs, ...(filter && { filter }) }, watch)
  })
}

/** How two open sides are brought together. */
export interface SyncHow extends Pick<SyncRequest, 'policy' | 'guard' | 'bandwidth' | 'jobs' | 'atMs' | 'history'> {
  readonly filter?: Filter
  /** What was agreed on before the run. */
  readonly agreed?: NonNullable<Transfer['agreed']>
  /** By `performance.now`. */
  readonly startedMs: number
}

export async function syncSides(app: App, sides: Sides, how: SyncHow, watch: Watch): Promise<SyncSummary> {
  const { policy, atMs, history = false, filter, agreed, startedMs } = how
  const { signal } = watch
  const { source, sink } = rolesOf(sides, how)
  if (history) throwIfNoHistory(sides)
  // What a part of a bucket shows says nothing of the whole: a filter and what is known of whole buckets keep apart.
  const isWhole = !policy.checksum && atMs === undefined && filter === undefined && agreed === undefined
  const known = isWhole ? acquaintanceOf(sides.from, sides.to, policy) : undefined
  const before = await known?.stand({ signal })
  const seconds = (): number => (performance.now() - startedMs) / 1000
  if (known && before && (await known.isSettled(before, { signal }))) {
    watch.stats.add('objectsLooked', known.holds.objects)
    watch.stats.add('bytesLooked', known.holds.bytes)
    return { counts: watch.stats.read(), parked: [], notKept: [], seconds: seconds() }
  }
  const mounts = await mountsIn(sides, how.guard.force)
  const book = openRun(app, placeOf(sides.to), sides.from.label)
  const changes = (): number => {
    const { objectsPublished, objectsDeleted } = watch.stats.read()
    return objectsPublished + objectsDeleted
  }
  const movingMs = performance.now()
  const { parked } = await booked(book, changes, () =>
    runTransfer({
      source,
      sink,
      ...(sides.baseline && { baseline: sides.baseline }),
      policy,
      guard: how.guard,
      ...(atMs === undefined ? {} : { atMs }),
      history,
      ...(filter && { filter }),
      ...mounts,
      ...(agreed && { agreed }),
      parcelsInFlight: how.jobs ?? LIMITS.parcelsInFlightMax,
      pace: how.bandwidth === undefined ? unpaced : paceOf(how.bandwidth, app.clock),
      ...watch,
    }),
  )
  const numbered = book.number === undefined ? {} : { run: book.number }
  const notKept = [...(sides.from.notKept?.() ?? []), ...(sides.to.sink?.notKept?.() ?? [])]
  const counts = watch.stats.read()
  const isDone = parked.length === 0 && counts.objectsPublished + counts.objectsDeleted + counts.objectsKnown === 0
  if (known && before && isDone) await known.settle(before, { signal })
  // What was throttled, and older versions, are nothing that a plan goes by.
  if (how.bandwidth === undefined && !history)
    await keepSpeed(sides, counts, { seconds: (performance.now() - movingMs) / 1000, ...numbered })
  return { counts, parked, notKept, seconds: seconds(), ...numbered }
}

/** What is mounted in the directory that is one of the sides. @throws NOT_FOUND where it was a mount point, and is none now */
async function mountsIn(sides: Sides, force: boolean): Promise<Mounts | undefined> {
  const of = mountsOf(sides)
  return of && takeMounts(of, force)
}

/** Undefined where neither side is a directory, or nothing is kept of what both agreed on. */
export function mountsOf({ from, to, baseline }: Sides): MountsOf | undefined {
  const { mounts } = from.mounts ? from : to
  return mounts && baseline && { directory: { ...(from.mounts ? from : to), mounts }, baseline, meant: '--force' }
}

/** @throws USAGE where the source keeps nothing of what its objects were, or has it as versions of its own */
function throwIfNoHistory({ from: { source, label } }: Sides): void {
  if (source?.kind === 'reads' && source.history) return
  throw new EfsError('USAGE', `${label} has no versions of S3`, { hint: '--versions is for s3://bucket as the source' })
}

/** What of two sides a run takes part in. @throws USAGE where one cannot be that, or the one would go into itself */
export function rolesOf({ from, to }: Sides, { atMs, filter }: Picked): Pick<Transfer, 'source' | 'sink'> {
  if (atMs !== undefined && from.source?.kind !== 'fetches') {
    throw new EfsError('USAGE', `${from.label} has no past`, { hint: '--at TIME is for a bucket as the source' })
  }
  if (from.source === undefined) throw new EfsError('USAGE', `nothing can be read from ${from.label}`)
  if (to.sink === undefined) throw new EfsError('USAGE', `nothing can be written to ${to.label}`)
  // Who chooses may have left the copy out. A copy is as old as what it is a copy of, so that the past does not leave it out.
  if (filter === undefined && to.identity.startsWith(from.identity)) throw withinItself(from, to)
  return { source: from.source, sink: to.sink }
}

type Picked = Pick<SyncHow, 'atMs' | 'filter'>

const withinItself = (from: Endpoint, to: Endpoint): EfsError =>
  new EfsError('USAGE', `${to.label} is within ${from.label}: each run would copy the copy too`, {
    hint: `leave it out with --exclude '${to.label.slice(from.label.length).replace(/^\//, '')}**', or name another bucket`,
  })
