import { countOf } from '../../base/counts.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { NotKept, Parked } from '../../model/endpoint.js'
import type { LiveBucket } from '../../model/live.js'
import { type LiveCounts, savedByDedupe } from '../../model/live-stats.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { mirrorPlace } from '../../service/remote-of.js'
import { checkpointName, Flow } from '../../transfer/live/flow.js'
import { allRetries } from '../../transfer/live/retries.js'
import { unpaced } from '../../transfer/pace.js'
import { type App, withSegment } from '../app.js'
import { findBucket } from '../buckets.js'
import { hasPeer, openPeer } from '../link/open-peer.js'
import { isOfOneBucket, openPair } from '../link/pair-run.js'
import type { BucketPair } from '../link/pairs.js'
import { Premises } from '../link/premises.js'
import { rulesOf } from '../link/rules.js'
import { servicePairs } from '../link/service-pairs.js'
import { type Mirrored, waysOf } from '../mirror/ends.js'
import { mirrorOnce } from '../mirror/once.js'
import type { Way } from '../mirror/pass.js'
import { booked, type OpenRun, openRun } from '../runs/record.js'
import type { Place } from '../sync/sides.js'
import { nothingServed } from '../waiting/goals.js'
import { findService } from './files.js'

/** What a full pass over one bucket in one direction came to. */
export interface PassDone {
  readonly from: string
  readonly to: string
  readonly offered: number
  readonly applied: number
  /** Plain bytes that moved, and that did not need to. */
  readonly bytesMoved: number
  readonly bytesSaved: number
  readonly parked: readonly Parked[]
  readonly notKept: readonly NotKept[]
  /** The number that it has where it changed objects of a bucket here. */
  readonly run?: number
}

/** A pass over a link that is under way. */
export interface PassBegun {
  readonly from: string
  readonly to: string
  counts(): LiveCounts
}

/**
 * Runs one full pass of a service in this process, whether a gateway runs or not; each bucket and direction is told when it is done. What
 * fails of one bucket is thrown once the others are done.
 * `force`: of a directory or a place in S3, however much is deleted.
 * @throws GUARD, NOT_FOUND; UNREACHABLE, REFUSED, SAME_SEGMENT, NEWER_FORMAT; FAILED where it has no peer
 */
export function syncService(
  app: App,
  { name, force }: { readonly name: string; readonly force: boolean },
  signal: AbortSignal,
  done: (pass: PassDone) => Promise<void>,
  begun: (pass: PassBegun) => void = () => undefined,
): Promise<void> {
  return withSegment(app, async (segment) => {
    const service = findService(segment, name)
    if (segment.unadopted) throw unadopted(segment.home)
    if (service.served.length === 0) throw nothingServed(name)
    const place = mirrorPlace(service)
    if (place === undefined) return overLink({ app, segment, service, begun, done }, signal)
    for (const served of service.served) {
      const { path } = served
      const what = { service: name, path, place, ways: waysOf(rulesOf(service), served), force }
      for (const pass of await overPlace(app, segment, what, signal)) await done(pass)
    }
  })
}

/** A bucket and a directory, or a place in S3, both ways. */
async function overPlace(
  app: App,
  segment: Segment,
  what: Mirrored & { readonly force: boolean },
  signal: AbortSignal,
): Promise<PassDone[]> {
  const { path, place } = what
  const run = openRun(app, { segment, bucket: findBucket(segment.names, path) }, place.text)
  // What a pass that fails has changed is known to the journal alone.
  let changed = Number.POSITIVE_INFINITY
  const { ways, notKept } = await booked(
    run,
    () => changed,
    async () => {
      const both = await mirrorOnce(app, segment, what, signal)
      changed = both.ways.reduce((sum, way) => sum + (way.way === 'receive' ? appliedOf(way) : 0), 0)
      return both
    },
  )
  return ways.map((way) => {
    const { objectsLooked: offered, bytesNew: bytesMoved } = way.counts
    const left = [...way.parked, ...way.inFlight.map((key) => ({ key, why: 'it is being written just now' }))]
    const figures = { offered, applied: appliedOf(way), bytesMoved, bytesSaved: 0, parked: left }
    if (way.way === 'send') return { from: path, to: place.text, ...figures, notKept }
    return { from: place.text, to: path, ...figures, notKept: [], ...numberOf(run) }
  })
}

const appliedOf = ({ counts }: Way): number => counts.objectsPublished + counts.objectsDeleted

const numberOf = ({ number }: OpenRun): Pick<PassDone, 'run'> => (number === undefined ? {} : { run: number })

interface Linked {
  readonly app: App
  readonly segment: Segment
  readonly service: Service
  begun(pass: PassBegun): void
  done(pass: PassDone): Promise<void>
}

async function overLink(linked: Linked, signal: AbortSignal): Promise<void> {
  const { app, segment, service, done } = linked
  if (!hasPeer(service)) throw noPeer(service.name)
  const peer = await openPeer(segment, service, { app, connections: LIMITS.visitConnections, signal, as: 'link' })
  try {
    const [premises, rules] = [new Premises(segment), rulesOf(service)]
    const both = async (pair: BucketPair): Promise<void> => {
      const open = await openPair(pair, { rules, premises, peer }, signal)
      if (open === undefined) return
      const { here, there, sends, receives } = open
      if (sends) await done(await passOver(linked, here, there, undefined, signal))
      if (!receives) return
      const place = { segment, bucket: findBucket(segment.names, pair.here) }
      await done(await passOver(linked, there, here, place, signal))
    }
    const failed: EfsError[] = []
    for (const served of service.served)
      await apart(failed, async () => {
        for (const pair of await servicePairs(segment, served, peer, rules, signal))
          await apart(failed, () => both(pair))
      })
    if (failed.length > 0) throw firstOf(failed, service.name)
  } finally {
    await peer.close()
  }
}

/** What fails of one bucket is put by until the others are done. */
const apart = (failed: EfsError[], work: () => Promise<void>): Promise<void> =>
  work().catch((error: unknown) => {
    if (!isOfOneBucket(error)) throw error
    failed.push(error)
  })

function firstOf([first, ...others]: readonly EfsError[], service: string): EfsError | undefined {
  if (first === undefined || others.length === 0) return first
  const more = `${countOf(others.length, 'more path')} failed: efs service check ${service} tells of each`
  return new EfsError(first.code, first.message, { hint: more, cause: first })
}

/** `place` is that of `to` where it is here: there it is a run. */
async function passOver(
  { app, begun }: Pick<Linked, 'app' | 'begun'>,
  from: LiveBucket,
  to: LiveBucket,
  place: Place | undefined,
  signal: AbortSignal,
): Promise<PassDone> {
  const { clock } = app
  const flow = new Flow({ from, to, mode: 'initial', parcelsInFlight: LIMITS.parcelsInFlightMax, pace: unpaced, clock })
  begun({ from: from.label, to: to.label, counts: () => flow.state.counts })
  const run = openRun(app, place, from.label, { by: from.segment })
  await booked(
    run,
    () => flow.state.counts.versionsApplied,
    () => flow.start(signal),
  )
  const parked = await allRetries(to.sink, checkpointName(from), { signal })
  return { from: from.label, to: to.label, ...figuresOf(flow.state.counts), parked, notKept: [], ...numberOf(run) }
}

const figuresOf = (counts: LiveCounts) => ({
  offered: counts.versionsOffered,
  applied: counts.versionsApplied,
  bytesMoved: counts.bytesMoved,
  bytesSaved: savedByDedupe(counts),
})

const noPeer = (name: string): EfsError =>
  new EfsError('FAILED', `service ${name} has no peer to call`, {
    hint: `efs service config ${name} X-ISGW-Remote ccow://HOST:PORT; where the peers call this side, run it there`,
  })

const unadopted = (home: string): EfsError =>
  new EfsError('CONFLICT', `${home} was copied, moved or restored, and no peer is talked to until you say which`, {
    hint: 'efs system adopt --moved (there is no other) or --copied (the other one lives on too)',
  })
