import path from 'node:path'
import { parseAddress } from '../../model/address.js'
import type { Endpoint, Parked } from '../../model/endpoint.js'
import { type Filter, filterOf } from '../../model/filter.js'
import type { PlanEnd, PlanHead, PlannedSide, PlannedStep } from '../../model/plan.js'
import { estimateOf } from '../../transfer/estimate.js'
import { planTransfer } from '../../transfer/plan.js'
import { type Cost, plannedSteps } from '../../transfer/planned.js'
import type { App } from '../app.js'
import { speedBetween } from '../runs/speeds.js'
import { filterSpecFor } from '../sync/filtering.js'
import { lookAtMounts } from '../sync/mounts.js'
import { keepsBaseline, type Sides, withSides } from '../sync/sides.js'
import { mountsOf, rolesOf, type SyncRequest } from '../sync/sync.js'
import { isLive } from '../sync/unchanged.js'
import { newStats } from '../watch.js'
import { FirstPuts } from './sample.js'

/** Who is told of a plan: of its head once, then of its steps, a page at a time and as fast as it takes them. */
export interface PlanReader {
  head(head: PlanHead): Promise<void>
  steps(steps: readonly PlannedStep[]): Promise<void>
}

/** What `syncOnce` would do; nothing is written. @throws as `syncOnce`, but no GUARD */
export function makePlan(app: App, request: SyncRequest, signal: AbortSignal, reader: PlanReader): Promise<PlanEnd> {
  return withSides(app, { ...request, access: 'plan', stats: newStats(), signal }, async (sides) => {
    const spec = filterSpecFor(app, request)
    const filter = filterOf(spec)
    const { policy, guard, atMs } = request
    await reader.head({
      efsPlan: 1,
      made: new Date(app.clock.nowMs()).toISOString(),
      from: await sideOf(request.from, sides.from, signal),
      to: await sideOf(request.to, sides.to, signal),
      options: {
        delete: policy.deleteExtra,
        checksum: policy.checksum,
        ...guard,
        ...(atMs === undefined ? {} : { atMs }),
        ...(filter && { filter: spec }),
      },
    })
    const parked: Parked[] = []
    const left = await leftOutIn(sides, guard.force)
    const how = { policy, ...left, ...(atMs === undefined ? {} : { atMs }), ...(filter && { filter }), signal }
    const first = new FirstPuts()
    const steps = planOf(sides, how, (what) => parked.push(what), costOf(sides.to, signal), first)
    const { count, lookSeconds } = await tellSteps(steps, reader)
    const run = speedBetween(sides)
    const reading = run === undefined ? await first.timed(rolesOf(sides, how), signal) : undefined
    const measured = { lookSeconds, run, reading, bandwidth: request.bandwidth }
    const amount = { objects: count.puts + count.deletes, bytes: count.bytes }
    return { parked, summary: { ...count, estimate: count.steps === 0 ? null : estimateOf(amount, measured) } }
  })
}

/** Counts steps and hands them on. `lookSeconds`: that they took to come, which is not what the reader took. */
async function tellSteps(steps: AsyncIterable<readonly PlannedStep[]>, reader: PlanReader) {
  const count = { steps: 0, puts: 0, deletes: 0, conflicts: 0, bytes: 0, atMost: false }
  let lookMs = 0
  let sinceMs = performance.now()
  for await (const page of steps) {
    lookMs += performance.now() - sinceMs
    for (const step of page) {
      count.steps++
      count[step.do === 'put' ? 'puts' : 'deletes']++
      if (step.conflict !== undefined) count.conflicts++
      if (step.do === 'put') count.bytes += step.bytes
      count.atMost ||= step.atMost
    }
    await reader.steps(page)
    sinceMs = performance.now()
  }
  lookMs += performance.now() - sinceMs
  return { count, lookSeconds: lookMs / 1000 }
}

interface PlanHow extends Pick<SyncRequest, 'policy' | 'atMs'> {
  readonly filter?: Filter
  readonly leftOut?: readonly Parked[]
  readonly signal: AbortSignal
}

/** What a plan leaves alone, since something else is mounted there than was. */
export async function leftOutIn(sides: Sides, force: boolean): Promise<Pick<PlanHow, 'leftOut'>> {
  const mounts = mountsOf(sides)
  return mounts && !force ? { leftOut: (await lookAtMounts(mounts)).leftOut } : {}
}

/** The steps of a run over these sides, as plain data. */
export const planOf = (
  sides: Sides,
  how: PlanHow,
  parked: (what: Parked) => void,
  cost: Cost,
  first?: FirstPuts,
): AsyncIterable<readonly PlannedStep[]> => {
  const baseline = sides.baseline && { baseline: sides.baseline }
  const steps = planTransfer({ ...rolesOf(sides, how), ...baseline, ...how }, parked)
  return plannedSteps(first === undefined ? steps : first.pass(steps), cost)
}

/** Only a segment on this machine is asked what it has: it answers at once. */
function costOf({ sink, ...to }: Endpoint, signal: AbortSignal): Cost {
  if (sink === undefined || sink.plain || !keepsBaseline(to)) return { plain: sink?.plain === true }
  return { plain: false, missing: (refs) => sink.missing(refs, { signal }) }
}

async function sideOf(address: string, side: Endpoint, signal: AbortSignal): Promise<PlannedSide> {
  const { identity } = side
  const position = isLive(side) ? { position: await side.source.position({ signal }) } : {}
  return { address: absolute(address), identity, ...position }
}

/** The same from any folder. */
function absolute(text: string): string {
  const address = parseAddress(text)
  if (address.kind === 'directory') return path.resolve(address.path)
  if (address.kind !== 'bucket' || address.home === undefined) return text
  const key = address.rest === '' ? '' : `/${address.rest}`
  return `segment:${path.resolve(address.home)}#${address.bucket}${key}`
}
