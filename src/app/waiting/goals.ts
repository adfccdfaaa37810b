import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { objectKey } from '../../model/key.js'
import type { LiveBucket } from '../../model/live.js'
import { parentOf } from '../../model/names.js'
import { covers, type Position } from '../../model/position.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import type { VersionRef } from '../../model/version-ref.js'
import { checkpointName } from '../../transfer/live/flow.js'
import { type FlowMode, standingOf } from '../../transfer/live/mode.js'
import { retryPages } from '../../transfer/live/retries.js'
import { lostOf, openPair } from '../link/pair-run.js'
import type { BucketPair } from '../link/pairs.js'
import type { Peer } from '../link/peer.js'
import { Premises } from '../link/premises.js'
import { rulesOf } from '../link/rules.js'
import { servicePairs } from '../link/service-pairs.js'

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

/** An object that is held up, or all of a path that is paused. */
export interface HeldUp {
  readonly service: string
  readonly path: string
  readonly why: string
  /** 0 where nothing is tried. */
  readonly tries: number
  /** Null where it has no time of its own. */
  readonly nextMs: number | null
}

/** What is waited for: that a sink has all that its source had when the wait began. */
export interface Goal {
  readonly service: string
  readonly from: LiveBucket
  readonly to: LiveBucket
  readonly bucket: string
  /** The path by which that bucket is served. */
  readonly served: string
  readonly at: string
  /** Whether it goes to the peer, or comes from there. */
  readonly direction: 'send' | 'receive'
  readonly head: Position
  readonly mode: FlowMode
}

/**
 * For each bucket and direction.
 * @throws NOT_FOUND; UNREACHABLE; REFUSED, also where the service was told to go both ways and the peer gives no right to one
 */
export async function goalsOf(
  segment: Segment,
  service: Service,
  request: WaitRequest,
  peer: Peer,
  signal: AbortSignal,
): Promise<Goal[]> {
  const [premises, rules] = [new Premises(segment), rulesOf(service)]
  const { bucket } = request
  const meant: BucketPair[] = []
  for (const served of service.served) {
    if (bucket !== undefined && served.path !== bucket && served.path !== parentOf(bucket)) continue
    const pairs = await servicePairs(segment, served, peer, rules, signal)
    meant.push(...pairs.filter(({ here }) => bucket === undefined || here === bucket))
  }
  if (meant.length === 0) throw nothingServed(service.name, request.bucket)
  const goals: Goal[] = []
  for (const pair of meant) {
    const open = await openPair(pair, { rules, premises, peer }, signal)
    if (open === undefined) continue
    const { here, there, sends, receives } = open
    const lost = lostOf(pair, rules, open)
    if (lost !== undefined) throw lost
    const sides: Goal[] = []
    const common = { service: service.name, bucket: pair.here, served: pair.served, mode: rules.mode }
    const [headHere, headThere] = [await here.source.position(), await there.source.position({ signal })]
    if (sends)
      sides.push({ ...common, direction: 'send', from: here, to: there, at: peer.nameOf(pair.there), head: headHere })
    if (receives) sides.push({ ...common, direction: 'receive', from: there, to: here, at: pair.here, head: headThere })
    goals.push(...sides)
  }
  return goals
}

/** What the source had when the wait began is what is waited for, whatever it has by now; but for what it lost since, as it was set back. */
export const again = (before: readonly Goal[], now: readonly Goal[]): Goal[] =>
  now.map((goal) => {
    const known = before.find((one) => one.from.uid === goal.from.uid && one.from.segment === goal.from.segment)
    return known !== undefined && covers(goal.head, known.head) ? { ...goal, head: known.head } : goal
  })

/**
 * Whether the sink has all of the source up to `head`. A source does not give a segment back what came from it, so that the
 * checkpoint may stay behind until the next heartbeat: of what is after it the sink is asked.
 */
export async function isThere({ from, to, head, mode }: Goal, signal: AbortSignal): Promise<boolean> {
  const checkpoint = standingOf(await to.sink.checkpoint(checkpointName(from), { signal }), mode)
  if (checkpoint === undefined || checkpoint.pass !== undefined) return false
  let at = checkpoint.position
  while (!covers(at, head)) {
    const page = await from.source.changes(at, { without: from.segment, signal })
    if (page === undefined || (await isLacking(page.refs, to, signal))) return false
    if (!page.more && !covers(page.upTo, head)) return false
    at = page.upTo
  }
  return true
}

async function isLacking(refs: readonly VersionRef[], to: LiveBucket, signal: AbortSignal): Promise<boolean> {
  for (let at = 0; at < refs.length; at += LIMITS.parcelObjectsMax) {
    const some = refs.slice(at, at + LIMITS.parcelObjectsMax)
    if ((await to.sink.lacking(some, { signal })).length > 0) return true
  }
  return false
}

/** The tips that it has now; there is nothing to come where the sink alone has it. @throws NOT_FOUND where neither has */
async function isObjectThere({ from, to }: Goal, object: string, signal: AbortSignal): Promise<boolean> {
  const keys = [objectKey(object)]
  const tips = await from.source.tips(keys, { signal })
  if (tips.length > 0) return (await to.sink.lacking(tips, { signal })).length === 0
  if ((await to.source.tips(keys, { signal })).length > 0) return true
  throw new EfsError('NOT_FOUND', `no object ${object} in ${from.label}`)
}

/**
 * Whether a goal, or that object of it, is reached, and what is held up. The list is looked at last: what the checkpoint passes for being
 * parked is on it by then.
 */
export async function lookAtGoal(goal: Goal, object: string | undefined, signal: AbortSignal) {
  const isReached = await (object === undefined ? isThere(goal, signal) : isObjectThere(goal, object, signal))
  return { isReached, heldUp: await heldUpOf(goal, object, signal) }
}

async function heldUpOf({ service, from, to, bucket }: Goal, object: string | undefined, signal: AbortSignal) {
  const heldUp: HeldUp[] = []
  for await (const page of retryPages(to.sink, checkpointName(from), { signal })) {
    for (const { key, why, tries, nextMs } of page)
      if (object === undefined || key === object) heldUp.push({ service, path: `${bucket}/${key}`, why, tries, nextMs })
  }
  return heldUp
}

export const nothingServed = (name: string, bucket?: string): EfsError =>
  new EfsError('NOT_FOUND', `service ${name} serves ${bucket === undefined ? 'nothing' : `no bucket ${bucket}`}`, {
    hint: bucket === undefined ? `efs bucket attach BUCKET ${name}` : `efs service show ${name}`,
  })
