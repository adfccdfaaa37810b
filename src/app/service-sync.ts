import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { Parked } from '../model/endpoint.js'
import type { LiveBucket } from '../model/live.js'
import { type LiveCounts, savedByDedupe } from '../model/live-stats.js'
import type { Segment } from '../model/segment.js'
import type { Service } from '../model/service.js'
import { checkpointName, Flow } from '../transfer/live/flow.js'
import { unpaced } from '../transfer/pace.js'
import { type App, withSegment } from './app.js'
import { secretOf } from './credentials-open.js'
import { connectService, gatewayOf } from './link/approach.js'
import { directoryOf, mirrorOnce } from './link/mirror.js'
import { openPair } from './link/pair-run.js'
import { Premises } from './link/premises.js'
import { rulesOf } from './link/rules.js'
import { servicePairs } from './link/service-pairs.js'
import { findService } from './service-files.js'

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
}

/**
 * Runs one full pass of a service in this process, whether a gateway runs or not; each bucket and direction is told when it is done.
 * @throws NOT_FOUND; UNREACHABLE, REFUSED, SAME_SEGMENT, NEWER_FORMAT; FAILED where it has no peer
 */
export function syncService(
  app: App,
  name: string,
  signal: AbortSignal,
  done: (pass: PassDone) => Promise<void>,
): Promise<void> {
  return withSegment(app, async (segment) => {
    const service = findService(segment, name)
    if (segment.unadopted) throw unadopted(segment.home)
    const directory = directoryOf(service)
    if (directory === undefined) return overLink(app, segment, service, signal, done)
    for (const { path } of service.served) {
      const { counts, parked } = await mirrorOnce(app, segment, path, directory, signal)
      const { objectsLooked: offered, objectsPublished, objectsDeleted, bytesNew: bytesMoved } = counts
      const applied = objectsPublished + objectsDeleted
      await done({ from: path, to: directory, offered, applied, bytesMoved, bytesSaved: 0, parked })
    }
  })
}

async function overLink(
  app: App,
  segment: Segment,
  service: Service,
  signal: AbortSignal,
  done: (pass: PassDone) => Promise<void>,
): Promise<void> {
  const at = gatewayOf(service)
  if (at === undefined) throw noPeer(service.name)
  const secret = await secretOf(app, { segment: segment.guid, service: service.name })
  const approaching = { app, connections: LIMITS.visitConnections, signal }
  const client = await connectService(segment, service.name, at, secret, approaching)
  try {
    const [premises, rules] = [new Premises(segment), rulesOf(service)]
    for (const pair of await servicePairs(segment, service.served, client)) {
      const { here, there, sends, receives } = await openPair(pair, { rules, premises, client }, signal)
      if (sends) await done(await passOver(app, here, there, signal))
      if (receives) await done(await passOver(app, there, here, signal))
    }
  } finally {
    await client.close()
  }
}

async function passOver(app: App, from: LiveBucket, to: LiveBucket, signal: AbortSignal): Promise<PassDone> {
  const { clock } = app
  const flow = new Flow({ from, to, mode: 'initial', parcelsInFlight: LIMITS.parcelsInFlightMax, pace: unpaced, clock })
  await flow.start(signal)
  const { counts } = flow.state
  const parked = await to.sink.retries(checkpointName(from), undefined, { signal })
  return { from: from.label, to: to.label, ...figuresOf(counts), parked }
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
