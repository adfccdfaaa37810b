import { watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { LinkClient } from '../link/client/client.js'
import { objectKey } from '../model/key.js'
import type { LiveBucket } from '../model/live.js'
import { covers, type Position } from '../model/position.js'
import type { Segment } from '../model/segment.js'
import type { Service } from '../model/service.js'
import { checkpointName } from '../transfer/live/flow.js'
import { type App, withSegment } from './app.js'
import { secretOf } from './credentials-open.js'
import { gatewayFiles } from './gateway/files.js'
import { runningGateway } from './gateway/state.js'
import { pause } from './gateway/streak.js'
import { isEnabled } from './gateway/supervisor.js'
import { connectService, gatewayOf } from './link/approach.js'
import { rulesOf } from './link/isgw-runner.js'
import { openPair } from './link/pair-run.js'
import { Premises } from './link/premises.js'
import { servicePairs } from './link/service-pairs.js'
import { findService } from './service-files.js'

export interface WaitRequest {
  /** All that are enabled and have a peer where absent. */
  readonly service?: string
  /** Only this bucket, by its path here. */
  readonly bucket?: string
  /** Only this object of it. */
  readonly object?: string
  /** 0: for ever. */
  readonly timeoutMs: number
}

/** One bucket has arrived at the side that takes. */
export interface Arrived {
  readonly service: string
  readonly bucket: string
  /** Where it is now. */
  readonly at: string
  readonly objects: number
}

/** An object that is held up. */
export interface HeldUp {
  readonly service: string
  readonly path: string
  readonly why: string
  readonly tries: number
  readonly nextMs: number
}

export interface Waited {
  readonly arrived: readonly Arrived[]
  /** Where there is any, nothing more was waited for. */
  readonly heldUp: readonly HeldUp[]
}

/** What is waited for: that a sink has all that its source had when the wait began. */
interface Goal {
  readonly service: string
  readonly from: LiveBucket
  readonly to: LiveBucket
  readonly bucket: string
  readonly at: string
  readonly head: Position
}

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
    const services = request.service === undefined ? enabledOf(segment) : [findService(segment, request.service)]
    if (runningGateway(app.home) === undefined) throw noGateway()
    const time = timeOf(request.timeoutMs, signal)
    const bell = await Bell.open(gatewayFiles(app.home).stats, segment)
    try {
      const all: Waited[] = []
      for (const service of services)
        all.push(await waitFor(app, segment, service, request, { ...time, bell, arrived }))
      return { arrived: all.flatMap((one) => one.arrived), heldUp: all.flatMap((one) => one.heldUp) }
    } finally {
      bell.close()
    }
  })
}

interface Waiting {
  readonly signal: AbortSignal
  readonly isOver: () => boolean
  readonly bell: Bell
  readonly arrived: (one: Arrived) => void
}

function timeOf(timeoutMs: number, signal: AbortSignal): Pick<Waiting, 'signal' | 'isOver'> {
  if (timeoutMs === 0) return { signal, isOver: () => false }
  const over = AbortSignal.timeout(timeoutMs)
  return { signal: AbortSignal.any([signal, over]), isOver: () => over.aborted && !signal.aborted }
}

function enabledOf(segment: Segment): Service[] {
  const all = segment.services.names().map((name) => findService(segment, name))
  const enabled = all.filter((service) => isEnabled(service) && gatewayOf(service) !== undefined)
  if (enabled.length > 0) return enabled
  throw new EfsError('FAILED', 'no service that is enabled has a peer', {
    hint: 'efs service list shows what there is; efs service enable NAME',
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
  const at = gatewayOf(service)
  if (!isEnabled(service)) throw disabled(service.name)
  if (at === undefined) throw noPeer(service.name)
  const secret = await secretOf(app, { segment: segment.guid, service: service.name })
  let goals: readonly Goal[] | undefined
  let last: unknown
  let reached = false
  while (!waiting.signal.aborted) {
    try {
      const client = await connectService(segment, at, secret, { app, connections: 2, signal: waiting.signal })
      try {
        reached = true
        const now = await goalsOf(segment, service, request, client, waiting.signal)
        goals = goals === undefined ? now : again(goals, now)
        return await reach(goals, request, waiting)
      } finally {
        await client.close()
      }
    } catch (error) {
      if (waiting.signal.aborted) break
      if (!(error instanceof EfsError && error.code === 'UNREACHABLE')) throw error
      last = error
      await waiting.bell.next(waiting.signal, LIMITS.waitTryMs)
    }
  }
  if (!waiting.isOver()) throw waiting.signal.reason
  if (!reached && last instanceof EfsError) throw last
  throw timedOut(service.name)
}

/** What the source had when the wait began is what is waited for, whatever it has by now. */
const again = (before: readonly Goal[], now: readonly Goal[]): Goal[] =>
  now.map((goal) => {
    const known = before.find((one) => one.from.uid === goal.from.uid && one.from.segment === goal.from.segment)
    return known === undefined ? goal : { ...goal, head: known.head }
  })

async function goalsOf(
  segment: Segment,
  service: Service,
  request: WaitRequest,
  client: LinkClient,
  signal: AbortSignal,
): Promise<Goal[]> {
  const [premises, rules] = [new Premises(segment), rulesOf(service)]
  const pairs = await servicePairs(segment, service.served, client)
  const meant = pairs.filter(({ here }) => request.bucket === undefined || here === request.bucket)
  if (meant.length === 0) throw nothingServed(service.name, request.bucket)
  const goals: Goal[] = []
  for (const pair of meant) {
    const { here, there, sends, receives } = await openPair(pair, { rules, premises, client }, signal)
    const sides: Goal[] = []
    const common = { service: service.name, bucket: pair.here }
    const [headHere, headThere] = [await here.source.position(), await there.source.position({ signal })]
    if (sends) sides.push({ ...common, from: here, to: there, at: pair.there, head: headHere })
    if (receives) sides.push({ ...common, from: there, to: here, at: pair.here, head: headThere })
    goals.push(...sides)
  }
  if (goals.length === 0) throw paused(service.name)
  return goals
}

async function reach(goals: readonly Goal[], { object }: WaitRequest, waiting: Waiting): Promise<Waited> {
  const done: Arrived[] = []
  for (const goal of goals) {
    for (;;) {
      const heldUp = await heldUpOf(goal, object, waiting.signal)
      if (heldUp.length > 0) return { arrived: done, heldUp }
      if (await (object === undefined ? isThere(goal, waiting.signal) : isObjectThere(goal, object, waiting.signal)))
        break
      await waiting.bell.next(waiting.signal, LIMITS.waitLookMs)
      waiting.signal.throwIfAborted()
    }
    const arrived = { service: goal.service, bucket: goal.bucket, at: goal.at, objects: goal.from.digested.objects }
    done.push(arrived)
    waiting.arrived(arrived)
  }
  return { arrived: done, heldUp: [] }
}

async function isThere({ from, to, head }: Goal, signal: AbortSignal): Promise<boolean> {
  const checkpoint = await to.sink.checkpoint(checkpointName(from), { signal })
  return checkpoint !== undefined && checkpoint.pass === undefined && covers(checkpoint.position, head)
}

/** The tips that it has now. */
async function isObjectThere({ from, to }: Goal, object: string, signal: AbortSignal): Promise<boolean> {
  const tips = await from.source.tips([objectKey(object)], { signal })
  if (tips.length === 0) throw new EfsError('NOT_FOUND', `no object ${object} in ${from.label}`)
  return (await to.sink.lacking(tips, { signal })).length === 0
}

async function heldUpOf({ service, from, to, bucket }: Goal, object: string | undefined, signal: AbortSignal) {
  const retries = await to.sink.retries(checkpointName(from), undefined, { signal })
  return retries
    .filter(({ key }) => object === undefined || key === object)
    .map(({ key, why, tries, nextMs }): HeldUp => ({ service, path: `${bucket}/${key}`, why, tries, nextMs }))
}

/** Rings when something may have moved: here, or in what the gateway tells. */
class Bell {
  #wake: () => void = () => undefined

  private constructor(readonly close: () => void) {}

  static async open(stats: string, { onRing }: Segment): Promise<Bell> {
    await mkdir(stats, { recursive: true, mode: 0o700 })
    const watcher = watch(stats, { persistent: false }, () => bell.#wake())
    const stop = onRing(() => bell.#wake())
    const bell = new Bell(() => {
      watcher.close()
      stop()
    })
    return bell
  }

  async next(signal: AbortSignal, atMostMs: number): Promise<void> {
    const over = new AbortController()
    this.#wake = () => over.abort()
    await pause(atMostMs, AbortSignal.any([signal, over.signal]))
  }
}

const noGateway = (): EfsError =>
  new EfsError('FAILED', 'no gateway runs, so nothing moves', {
    hint: 'efs gateway start, or efs service sync NAME once',
  })

const disabled = (name: string): EfsError =>
  new EfsError('FAILED', `service ${name} is disabled, so nothing moves`, { hint: `efs service enable ${name}` })

const noPeer = (name: string): EfsError =>
  new EfsError('FAILED', `service ${name} has no gateway as its peer to wait for`, {
    hint: 'where the peers call this side, wait there',
  })

const paused = (name: string): EfsError =>
  new EfsError('FAILED', `all that ${name} serves is paused`, { hint: 'efs bucket attach BUCKET SERVICE ends a pause' })

const nothingServed = (name: string, bucket: string | undefined): EfsError =>
  new EfsError('NOT_FOUND', `service ${name} serves ${bucket === undefined ? 'nothing' : `no bucket ${bucket}`}`, {
    hint: `efs service show ${name}`,
  })

const timedOut = (name: string): EfsError =>
  new EfsError('TIMED_OUT', `the time ran out before all of ${name} had arrived`, {
    hint: `efs service show ${name} -s tells how far it is; --timeout 0 waits for ever`,
  })
