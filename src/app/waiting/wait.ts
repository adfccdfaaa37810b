import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { follower } from '../../base/signals.js'
import { parentOf } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { isEnabled } from '../../service/health.js'
import { mirrorPlace } from '../../service/remote-of.js'
import { type App, withSegment } from '../app.js'
import { gatewayFiles } from '../gateway/files.js'
import { runningGateway } from '../gateway/state.js'
import { hasPeer, openPeer } from '../link/open-peer.js'
import type { Peer } from '../link/peer.js'
import { rulesOf } from '../link/rules.js'
import { waysOf } from '../mirror/ends.js'
import { findService } from '../services/files.js'
import { Bell } from './bell.js'
import { waitForMirror } from './for-mirror.js'
import { again, type Goal, goalsOf, type HeldUp, lookAtGoal, type WaitRequest } from './goals.js'
import { InitialEnd } from './initial.js'
import { type Arrived, timedOut, unreached, type Waited, type Waiting } from './waiting.js'

export type { HeldUp, WaitRequest } from './goals.js'
export type { Arrived, Waited } from './waiting.js'

/**
 * Waits until the other side has what this one has now, and the other way round where a service receives. The sink itself is asked.
 * @throws FAILED where a service is disabled or no gateway runs; TIMED_OUT; UNREACHABLE where the peer was never reached until then; NOT_FOUND
 */
export function wait(
  app: App,
  request: WaitRequest,
  signal: AbortSignal,
  arrived: (one: Arrived) => void,
): Promise<Waited> {
  return withSegment(app, async (segment) => {
    const meant =
      request.service === undefined ? enabledOf(segment, request.bucket) : [findService(segment, request.service)]
    const services = request.service === undefined ? movingOf(meant) : meant
    const off = meant.find((service) => !isEnabled(service))
    if (off !== undefined) throw disabled(off.name)
    if (runningGateway(app.home) === undefined) throw noGateway(services)
    const time = timeOf(request.timeoutMs, signal)
    const bell = await Bell.open(gatewayFiles(app.home).stats, segment)
    try {
      const { arrived: all, heldUp } = await waitForAll(services, time, (service, both) => {
        const initialEnd = new InitialEnd(app, service)
        const waiting = { ...both, bell, arrived, initialEnd, timedOut: () => timedOut(app, service.name) }
        return waitFor(app, segment, service, request, waiting)
      })
      return { arrived: all, heldUp: [...heldUp, ...pausedOf(meant, request)] }
    } finally {
      bell.close()
    }
  })
}

type Time = Pick<Waiting, 'signal' | 'isOver'>

/** At once; where one is held up, or fails before the time is over, the others are not waited for any more. */
async function waitForAll(
  services: readonly Service[],
  { signal, isOver }: Time,
  waitForOne: (service: Service, time: Time) => Promise<Waited>,
): Promise<Waited> {
  const { stop, release } = follower(signal)
  const waits = services.map(async (service) => {
    try {
      const waited = await waitForOne(service, { signal: stop.signal, isOver })
      if (waited.heldUp.length > 0) stop.abort()
      return waited
    } catch (error) {
      if (!isOver()) stop.abort(error)
      throw error
    }
  })
  const ended = await Promise.allSettled(waits)
  release()
  const all = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const heldUp = all.flatMap((one) => one.heldUp)
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined && heldUp.length === 0) throw failed.reason
  return { arrived: all.flatMap((one) => one.arrived), heldUp }
}

function timeOf(timeoutMs: number, signal: AbortSignal): Time {
  if (timeoutMs === 0) return { signal, isOver: () => false }
  const over = AbortSignal.timeout(timeoutMs)
  return { signal: AbortSignal.any([signal, over]), isOver: () => over.aborted && !signal.aborted }
}

/** Those that serve that bucket, or its tenant, where one is asked for; else all. */
function enabledOf(segment: Segment, bucket: string | undefined): readonly Service[] {
  const all = segment.services.names().map((name) => findService(segment, name))
  const enabled = all.filter(
    (service) => isEnabled(service) && (hasPeer(service) || mirrorPlace(service) !== undefined),
  )
  if (enabled.length > 0) return bucket === undefined ? enabled : servingOf(enabled, bucket)
  throw new EfsError('FAILED', 'no service that is enabled has a peer', {
    hint: 'efs service list shows what there is; efs service enable NAME',
  })
}

/** Where nothing moves by any, each says why it is so. */
function movingOf(services: readonly Service[]): readonly Service[] {
  const moving = services.filter((service) => {
    const rules = rulesOf(service)
    return service.served.map((served) => waysOf(rules, served)).some(({ sends, receives }) => sends || receives)
  })
  return moving.length > 0 ? moving : services
}

/** Nobody knows of what is not sent whether the other side has it all the same. */
const pausedOf = (services: readonly Service[], { bucket }: WaitRequest): HeldUp[] =>
  services.flatMap((service) =>
    service.served
      .filter(({ path }) => bucket === undefined || path === bucket || path === parentOf(bucket))
      .filter(({ pause }) => pause && rulesOf(service).sends)
      .map(({ path }) => ({
        service: service.name,
        path: bucket ?? path,
        why: `it is paused, so nothing of it is sent; efs bucket attach ${path} ${service.name} ends that`,
        tries: 0,
        nextMs: null,
      })),
  )

function servingOf(services: readonly Service[], bucket: string): Service[] {
  const serving = services.filter(({ served }) =>
    served.some(({ path }) => path === bucket || path === parentOf(bucket)),
  )
  if (serving.length > 0) return serving
  throw new EfsError('NOT_FOUND', `no service that is enabled serves ${bucket}`, {
    hint: 'efs service show NAME tells what it serves; efs bucket attach BUCKET SERVICE',
  })
}

/** A peer that is away is tried until the time is over; what it says is then what the time ran out upon. */
async function waitFor(
  app: App,
  segment: Segment,
  service: Service,
  request: WaitRequest,
  waiting: Waiting,
): Promise<Waited> {
  const place = mirrorPlace(service)
  if (place !== undefined) return waitForMirror(app, segment, service, place, request, waiting)
  if (!hasPeer(service)) throw noPeer(service.name)
  let goals: readonly Goal[] | undefined
  let last: EfsError | undefined
  let reached = false
  while (!waiting.signal.aborted) {
    try {
      const peer = await openPeer(segment, service, { app, connections: 2, signal: waiting.signal, as: 'link' })
      try {
        reached = true
        const now = await goalsOf(segment, service, request, peer, waiting.signal)
        goals = goals === undefined ? now : again(goals, now)
        return await reach(goals, peer, request, waiting)
      } finally {
        await peer.close()
      }
    } catch (error) {
      if (waiting.signal.aborted) break
      if (!(error instanceof EfsError && error.code === 'UNREACHABLE')) throw error
      last = error
      await waiting.bell.next(waiting.signal, LIMITS.waitTryMs)
    }
  }
  if (!waiting.isOver()) throw waiting.signal.reason
  if (!reached) throw await unreached(app, service, last)
  throw await waiting.timedOut()
}

async function reach(goals: readonly Goal[], peer: Peer, request: WaitRequest, waiting: Waiting): Promise<Waited> {
  const done: Arrived[] = []
  for (;;) {
    const { there, heldUp } = await lookAtFirst(goals.slice(done.length), request, waiting)
    // Once for all of them.
    if (there.some(({ to }) => to.segment === peer.segment)) await peer.settle()
    for (const { service, bucket, direction, at, from, mode } of there) {
      const arrived = { service, bucket, direction, at, objects: mode === 'continuous' ? null : from.digested.objects }
      done.push(arrived)
      waiting.arrived(arrived)
    }
    const next = goals[done.length]
    if (heldUp.length > 0 || next === undefined) return { arrived: done, heldUp }
    await waiting.initialEnd.look(next.served)
    await waiting.bell.next(waiting.signal, LIMITS.waitLookMs)
    waiting.signal.throwIfAborted()
  }
}

/** Those that are reached, up to the first that is not; and what is held up of that one. */
async function lookAtFirst(
  goals: readonly Goal[],
  { object }: WaitRequest,
  { signal }: Waiting,
): Promise<{ readonly there: readonly Goal[]; readonly heldUp: readonly HeldUp[] }> {
  for (const [at, goal] of goals.entries()) {
    const there = goals.slice(0, at)
    const { isReached, heldUp } = await lookAtGoal(goal, object, signal)
    if (!isReached || heldUp.length > 0) return { there, heldUp }
  }
  return { there: goals, heldUp: [] }
}

const noGateway = ([service, ...others]: readonly Service[]): EfsError =>
  new EfsError('FAILED', 'no gateway runs, so nothing moves', {
    hint: `efs gateway start${service === undefined || others.length > 0 ? '' : `, or efs service sync ${service.name} once`}`,
  })

const disabled = (name: string): EfsError =>
  new EfsError('FAILED', `service ${name} is disabled, so nothing moves`, { hint: `efs service enable ${name}` })

const noPeer = (name: string): EfsError =>
  new EfsError('FAILED', `service ${name} has no gateway as its peer to wait for`, {
    hint: 'where the peers call this side, wait there',
  })
