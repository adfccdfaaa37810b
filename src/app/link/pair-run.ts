import type { Clock } from '../../base/clock.js'
import { EfsError, type ErrorCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { follower } from '../../base/signals.js'
import type { Rights } from '../../model/link.js'
import type { LiveBucket } from '../../model/live.js'
import type { Named } from '../../model/name-space.js'
import { checkpointName, Flow } from '../../transfer/live/flow.js'
import { follow } from '../../transfer/live/follow.js'
import { unpaced } from '../../transfer/pace.js'
import { missing } from '../buckets.js'
import { pause } from '../gateway/streak.js'
import type { BucketPair } from './pairs.js'
import type { Peer, PeerNews } from './peer.js'
import type { Premises } from './premises.js'
import type { LinkRules } from './rules.js'
import { BucketWaker } from './wakers.js'

export interface PairParts {
  readonly rules: LinkRules
  readonly premises: Premises
  readonly peer: Peer
  readonly news: PeerNews
  readonly clock: Clock
  turn(work: () => Promise<void>, signal: AbortSignal): Promise<void>
  /** Told of each flow that begins. */
  began(flow: RunningFlow): void
  /** Told of the way that the pair was to go too, and does not. */
  lacks(error: EfsError): void
  /** Told each time that one of them has brought all. */
  rested(): void
}

export interface RunningFlow {
  readonly pair: BucketPair
  readonly direction: 'send' | 'receive'
  readonly flow: Flow
  readonly from: LiveBucket
  readonly to: LiveBucket
}

/** Of one flow; what is in them is at most 4 MiB each. */
const PARCELS_IN_FLIGHT = 4

/** Two buckets that are open, one at each side. */
export interface OpenPair {
  readonly here: LiveBucket
  readonly there: LiveBucket
  readonly sends: boolean
  readonly receives: boolean
}

/**
 * Opens both buckets of a pair; one that is missing at a side that takes is made there. Undefined where it goes no way, as it is paused:
 * then neither has to be there.
 * @throws NOT_FOUND where the source is gone, or a tenant is missing; REFUSED where the peer gives no right; UNREACHABLE
 */
export async function openPair(
  { here, there, pause }: BucketPair,
  { rules, premises, peer }: Pick<PairParts, 'rules' | 'premises' | 'peer'>,
  signal: AbortSignal,
): Promise<OpenPair | undefined> {
  const { names } = premises.segment
  const { sends, receives } = waysOf({ there, pause }, rules, peer.rightsTo(there))
  if (!sends && !receives) return undefined
  const known = names.find(here)
  if (known === undefined && !receives) throw missing(names, here)
  const remote = await peer.open(there, { makes: sends && known !== undefined, signal })
  const named: Named = known ?? (await names.create(here, {}))
  return { here: premises.bucket(named), there: remote, sends, receives }
}

/** Which ways a pair goes. @throws REFUSED where it is to go one and the peer gives no right */
export function waysOf(
  { there, pause }: Pick<BucketPair, 'there' | 'pause'>,
  rules: LinkRules,
  rights: Rights,
): { readonly sends: boolean; readonly receives: boolean } {
  const wanted = { ...rules, sends: rules.sends && !pause }
  const ways = { sends: wanted.sends && rights.write, receives: wanted.receives && rights.read }
  // A way that is left to the peer is not missed where the other one is paused.
  const isMissed = wanted.sends || (wanted.receives && (rules.named || !pause))
  if (isMissed && !ways.sends && !ways.receives) throw noWay(there, wanted)
  return ways
}

/** What concerns one bucket, or one served path, and leaves the others of a link alone. */
export const isOfOneBucket = (error: unknown): error is EfsError =>
  error instanceof EfsError && OF_ONE_BUCKET.includes(error.code)

const OF_ONE_BUCKET: readonly ErrorCode[] = [
  'NOT_FOUND',
  'REFUSED',
  'CORRUPT',
  'CONFLICT',
  'EXISTS',
  'USAGE',
  'BAD_KEY',
  'GUARD',
]

/** Keeps one pair the same until `signal` ends it; settles where nothing has to be done, of a link that only brings what is there now once that is. */
export async function runPair(pair: BucketPair, parts: PairParts, signal: AbortSignal): Promise<void> {
  const open = await openPair(pair, parts, signal)
  if (open === undefined) return
  const lost = lostOf(pair, parts.rules, open)
  if (lost !== undefined) parts.lacks(lost)
  const { stop, release } = follower(signal)
  const either = stop.signal
  const flows = [
    ...(open.sends ? [send(pair, open, parts, either)] : []),
    ...(open.receives ? [receive(pair, open, parts, either)] : []),
  ]
  try {
    await Promise.all(flows)
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(flows)
    throw error
  } finally {
    release()
  }
}

async function send(pair: BucketPair, { here, there }: OpenPair, parts: PairParts, signal: AbortSignal): Promise<void> {
  const { premises, clock } = parts
  const flow = flowOf(here, there, parts)
  const waker = new BucketWaker(here.source, premises.segment.onRing, clock)
  const over = premises.sending(here.uid, there.segment)
  parts.began({ pair, direction: 'send', flow, from: here, to: there })
  const { stop, release } = follower(signal)
  const work = [follow(flow, waker, stop.signal, optionsOf(parts)), lookAfter({ here, there }, stop.signal)]
  try {
    await Promise.race(work)
  } finally {
    stop.abort()
    await Promise.allSettled(work)
    release()
    over()
    waker.close()
  }
}

/** Where nothing is sent, nothing tells that the peer's bucket was deleted: it is asked for. @throws NOT_FOUND; the signal's reason */
async function lookAfter({ here, there }: Pick<OpenPair, 'here' | 'there'>, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(LIMITS.sinkLookMs, signal)
    signal.throwIfAborted()
    await there.sink.checkpoint(checkpointName(here), { signal })
  }
}

async function receive(
  pair: BucketPair,
  { here, there }: OpenPair,
  parts: PairParts,
  signal: AbortSignal,
): Promise<void> {
  await parts.news.leaveToAsk(pair.there, there, signal)
  const flow = flowOf(there, here, parts)
  const waker = parts.news.waker(pair.there, there)
  parts.began({ pair, direction: 'receive', flow, from: there, to: here })
  try {
    await follow(flow, waker, signal, optionsOf(parts))
  } finally {
    waker.close()
  }
}

function flowOf(from: LiveBucket, to: LiveBucket, { rules, premises, clock }: PairParts): Flow {
  const { claims, segment } = premises
  return new Flow({
    from,
    to,
    mode: rules.mode,
    ...(to.segment === segment.guid ? { claims } : {}),
    parcelsInFlight: PARCELS_IN_FLIGHT,
    pace: unpaced,
    clock,
  })
}

const optionsOf = ({ rules, turn, rested }: PairParts) => ({
  processingDelayMs: rules.processingDelayMs,
  turn,
  rested,
})

/** Why a pair does not go one of the ways that were asked for by name. */
export function lostOf(
  { there, pause }: Pick<BucketPair, 'there' | 'pause'>,
  rules: LinkRules,
  ways: Pick<LinkRules, 'sends' | 'receives'>,
): EfsError | undefined {
  const isUnsent = rules.sends && !pause && !ways.sends
  if (!rules.named || (!isUnsent && ways.receives === rules.receives)) return undefined
  const { text, hint } = lostWay(isUnsent, rules.service, there)
  return new EfsError('REFUSED', `the peer gives ${text}`, { hint })
}

/** A link goes the one way that it may go: what is said of the other one. `where`: what of the peer it is about. */
export function lostWay(
  isUnsent: boolean,
  service: string,
  where: string,
): { readonly text: string; readonly hint: string } {
  const [right, lost, left] = isUnsent ? ['write', 'nothing is sent', 2] : ['read', 'nothing comes from', 1]
  return {
    text: `no right to ${right} ${where}, so ${lost} there`,
    hint: `at the peer, look at its service, or pair again with --rights read+write; or efs service config ${service} X-ISGW-Direction ${left}`,
  }
}

function noWay(path: string, { sends, receives }: LinkRules): EfsError {
  const wanted = sends && receives ? 'neither to read nor to write' : sends ? 'no right to write' : 'no right to read'
  return new EfsError('REFUSED', `the peer gives ${wanted} ${path}`, {
    hint: 'at the peer, look at the direction and the served list of its service, or pair again',
  })
}
