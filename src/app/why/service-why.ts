import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { LiveBucket } from '../../model/live.js'
import { hostPortText } from '../../model/remote.js'
import { s3SegmentText, s3Text } from '../../model/s3-address.js'
import type { Segment } from '../../model/segment.js'
import type { LinkError, Served, Service } from '../../model/service.js'
import type { VersionRef } from '../../model/version-ref.js'
import { isEnabled } from '../../service/health.js'
import { mirrorPlace, remoteOf } from '../../service/remote-of.js'
import { standingOf } from '../../transfer/live/mode.js'
import { placeOf } from '../../transfer/live/queue.js'
import type { App } from '../app.js'
import { secretOf } from '../credentials/open.js'
import { wordsOf } from '../gateway/log.js'
import { openPeer } from '../link/open-peer.js'
import type { Peer } from '../link/peer.js'
import { rulesOf } from '../link/rules.js'
import { pendingOf } from '../link/spend.js'
import { heldUp } from '../mirror/held.js'
import { leftAlone } from '../mirror/left-alone.js'
import { mirrored, type ServiceNow } from '../services/numbers.js'
import { isPassed, lookAt, type OnItsWay } from './flow.js'
import { type Facts, type Hold, holdOf } from './hold.js'

/** Everything about one object and one service. */
export interface Asking {
  readonly app: App
  readonly segment: Segment
  readonly service: Service
  readonly served: Served
  readonly bucket: string
  /** What the bucket is called at the peer. */
  readonly there: string
  readonly here: LiveBucket | undefined
  readonly key: ObjectKey
  /** All versions here, and those that no other descends from; latest first. */
  readonly refs: readonly VersionRef[]
  readonly tips: readonly VersionRef[]
  readonly now: ServiceNow
  readonly signal: AbortSignal
}

export interface ServiceWhy {
  readonly service: string
  readonly direction: 'send' | 'receive'
  /** `R/Cola/bk1 at 10.3.32.240:14000`, a directory, or a place in S3. */
  readonly place: string
  readonly peer: SegmentGuid | null
  /** Whether the peer answered just now; else this is what it said last. */
  readonly asked: boolean
  /** Versions of here that the other side has: all that are known of. Null where that is not known. */
  readonly has: readonly string[] | null
  /** Versions of there that are not here. */
  readonly coming: readonly string[]
  /** Null where nothing is held up. */
  readonly hold: Hold | null
}

export async function whyOf(asking: Asking): Promise<ServiceWhy[]> {
  const { service, there } = asking
  const remote = remoteOf(service)
  switch (remote?.kind) {
    case undefined:
      return []
    case 'directory':
      return [await fromNote(asking, remote.path, undefined)]
    case 's3':
      return [await fromNote(asking, s3Text(remote), undefined)]
    case 's3-segment':
      return byPeer(asking, `${there} at ${s3SegmentText(remote.at)}`)
    case 'gateway':
      return byPeer(asking, `${there} at ${hostPortText(remote)}`)
  }
}

async function byPeer(asking: Asking, place: string): Promise<ServiceWhy[]> {
  const { service, app, segment, signal } = asking
  const { lastError } = factsOf(asking)
  // Only the gateway spends a one-time token, so it alone knows what the peer says to that.
  if (lastError?.nextTryMs && pendingOf(await secretOf(app, { segment: segment.guid, service: service.name }))) {
    return [await fromNote(asking, place, new EfsError('REFUSED', lastError.message))]
  }
  let peer: Peer
  try {
    const options = { app, connections: LIMITS.visitConnections, stallMs: LIMITS.visitStallMs, signal }
    peer = await openPeer(segment, service, { ...options, as: 'visit' })
  } catch (error) {
    signal.throwIfAborted()
    return [await fromNote(asking, place, error)]
  }
  try {
    return await fromPeer(asking, peer, place)
  } finally {
    await peer.close()
  }
}

async function fromPeer(asking: Asking, peer: Peer, place: string): Promise<ServiceWhy[]> {
  const { service, here, there, key, refs, signal, segment } = asking
  const { sends, receives, mode } = rulesOf(service)
  const told = { service: service.name, place, peer: peer.segment, asked: true }
  const remote = await openedThere(peer, there, signal)
  if (!('source' in remote)) {
    const hold = refs.length === 0 ? null : holdOf({ ...factsOf(asking), lastError: withWords(asking, remote) })
    return [{ ...told, direction: sends ? 'send' : 'receive', has: [], coming: [], hold }]
  }
  const all: ServiceWhy[] = []
  const theirs = await remote.source.tips([key], { signal })
  const ids = new Set(theirs.map(idOf))
  const refusedTo = (what: 'read' | 'write'): string | undefined =>
    peer.rightsTo(there)[what] ? undefined : `the peer gives no right to ${what} ${there}`
  const coming = theirs.filter((ref) => here === undefined || !segment.versions.holds(here.uid, ref))
  if (sends && here !== undefined && refs.length > 0) {
    const looked = await seenThere(asking, here, remote, ids)
    const lacks = new Set(looked.lacking.map(idOf))
    const has = refs.map(idOf).filter((id) => !lacks.has(id))
    const isHeld = asking.tips.some((tip) => lacks.has(idOf(tip)))
    const hold = isHeld ? holdOf({ ...factsOf(asking), ...looked, refused: refusedTo('write') }) : null
    all.push({ ...told, direction: 'send', has, coming: coming.map(idOf), hold })
  }
  if (receives && coming.length > 0) {
    const looked = here && (await lookAt(key, coming, { from: remote, to: here, mode }, { signal }))
    const facts = { ...factsOf(asking), ...looked, pause: false, refused: refusedTo('read') }
    all.push({ ...told, direction: 'receive', has: null, coming: coming.map(idOf), hold: holdOf(facts) })
  }
  return all.length > 0 ? all : [{ ...told, direction: 'receive', has: [...ids], coming: [], hold: null }]
}

/** Where the peer gives no right to write, its tips alone tell what it has. */
async function seenThere(
  { service, key, refs, tips, signal }: Asking,
  here: LiveBucket,
  remote: LiveBucket,
  ids: ReadonlySet<string>,
): Promise<OnItsWay> {
  try {
    return await lookAt(key, refs, { from: here, to: remote, mode: rulesOf(service).mode }, { signal })
  } catch (error) {
    if (!(error instanceof EfsError) || error.code !== 'REFUSED') throw error
    return { lacking: tips.filter((tip) => !ids.has(idOf(tip))), retry: undefined, place: undefined, isPassed: true }
  }
}

/** The bucket there, or why it cannot be opened. */
async function openedThere(peer: Peer, path: string, signal: AbortSignal): Promise<LiveBucket | EfsError> {
  try {
    return await peer.open(path, { makes: false, signal })
  } catch (error) {
    if (error instanceof EfsError && (error.code === 'NOT_FOUND' || error.code === 'REFUSED')) return error
    throw error
  }
}

/** What the other side said last. `error`: why it cannot be asked now; of what has no versions this segment knows itself what it has. */
async function fromNote(asking: Asking, place: string, error: unknown): Promise<ServiceWhy> {
  const { app, service, now, here, key, refs, bucket, segment } = asking
  const { sends, receives, mode } = rulesOf(service)
  const direction: ServiceWhy['direction'] = sends ? 'send' : 'receive'
  const note = now.flows.find((flow) => flow.here === bucket && flow.direction === direction)
  const told = {
    service: service.name,
    direction,
    place,
    peer: note?.peer ?? null,
    asked: error === undefined,
    coming: [],
  } as const
  const unasked = error === undefined ? undefined : wordsOf(error)
  const mirror = mirrorPlace(service)
  const facts = factsOf(asking)
  if (facts.isIgnored) return { ...told, has: null, hold: holdOf(facts) }
  if (mirror !== undefined && here !== undefined) {
    const mirrored = { service: service.name, path: bucket, place: mirror, ways: { sends, receives } }
    const holding = await heldUp(app, segment, here.uid, mirrored, key)
    if (holding !== undefined)
      return { ...told, direction: holding.way, has: null, hold: holdOf({ ...facts, retry: holding.held }) }
  }
  if (!sends || here === undefined)
    return { ...told, has: null, hold: unasked === undefined ? null : holdOf({ ...facts, unasked }) }
  const checkpoint = mirror === undefined ? standingOf(note?.checkpoint, mode) : mirrored(segment, here, mirror.text)
  const waits = await placeOf(key, here.source, checkpoint, { without: note?.peer ?? here.segment })
  if (waits === undefined) return { ...told, has: refs.map(idOf), hold: null }
  return { ...told, has: null, hold: holdOf({ ...facts, unasked, place: waits, isPassed: isPassed(checkpoint) }) }
}

function factsOf({ service, served, bucket, key, segment, now }: Asking): Facts {
  const mirror = mirrorPlace(service)
  const filter = mirror && leftAlone(mirror.remote, rulesOf(service), segment.home)
  const stats = now.served.find(({ path }) => path === served.path)?.stats
  return {
    service: service.name,
    bucket,
    unadopted: segment.unadopted,
    isEnabled: isEnabled(service),
    pause: served.pause,
    isRunning: now.seen.isRunning,
    unasked: undefined,
    refused: undefined,
    lastError: stats?.lastError ?? null,
    isIgnored: filter?.pass()(key, undefined, undefined) === true,
    retry: undefined,
    place: undefined,
    mode: rulesOf(service).mode,
    isPassed: false,
  }
}

/** What was met just now, with the time of the gateway's own next try. */
function withWords(asking: Asking, error: EfsError): LinkError {
  const { lastError } = factsOf(asking)
  const { nowMs } = asking.now.seen
  return { atMs: nowMs, message: error.message, nextTryMs: lastError?.nextTryMs ?? nowMs }
}

const idOf = ({ held }: VersionRef): string => held?.id ?? ''
