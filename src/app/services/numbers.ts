import type { Checkpoint, LiveBucket } from '../../model/live.js'
import type { Behind } from '../../model/live-stats.js'
import { kindOfName } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { FlowNote, LinkError, Served, ServedStats, Service, ServiceNumbers } from '../../model/service.js'
import { behindAt, sumBehind } from '../../service/behind.js'
import { hasRemote, isEnabled, isStale, type Seen, worseError } from '../../service/health.js'
import { canSend } from '../../service/isgw.js'
import { mirrorPlace } from '../../service/remote-of.js'
import { shownValue } from '../../service/service.js'
import { readNumbers } from '../../stats/files.js'
import { NEVER_RUN } from '../../stats/never-run.js'
import { behind } from '../../transfer/live/behind.js'
import { standingOf } from '../../transfer/live/mode.js'
import { mergeJoin, noPages } from '../../transfer/merge-join.js'
import type { App } from '../app.js'
import { effectiveSettings, storingOf } from '../buckets.js'
import { gatewayFiles } from '../gateway/files.js'
import { runningGateway } from '../gateway/state.js'
import { rulesOf } from '../link/rules.js'
import { leftOut, mirrorName, takenName } from '../mirror/notes.js'

export interface ServedNow extends Served {
  readonly stats: ServedStats
}

/** A service as it stands now, whether a gateway runs or not. */
export interface ServiceNow {
  readonly served: readonly ServedNow[]
  readonly flows: readonly FlowNote[]
  readonly seen: Seen
}

/**
 * What has been counted for each path that a service serves. What is behind is told from the journal here and from what the sink said
 * last, so it holds as well while no gateway runs or the peer is away.
 */
export async function serviceNow(
  { home, clock }: Pick<App, 'home' | 'clock'>,
  segment: Segment,
  service: Service,
): Promise<ServiceNow> {
  const numbers = await readNumbers(gatewayFiles(home).stats, service.name)
  const seen = { isRunning: runningGateway(home) !== undefined, report: numbers.report, nowMs: clock.nowMs() }
  const served: ServedNow[] = []
  for (const one of service.served) {
    const stats = {
      ...(numbers.served.get(one.path) ?? NEVER_RUN),
      ...(await waiting(segment, service, one, numbers, seen)),
      heldUp: await heldUp(segment, service, one, numbers),
    }
    served.push({ ...one, stats: shownStats(service, one, stats, seen) })
  }
  return { served, flows: numbers.flows, seen }
}

function shownStats(service: Service, { pause }: Served, stats: ServedStats, seen: Seen): ServedStats {
  const { lastSuccessMs, status, state } = stats
  const isRun = seen.isRunning && isEnabled(service)
  const lastError = worseError(stats.lastError, seen.report?.lastError ?? null)
  const shown: ServedStats = {
    ...stats,
    state: pause && canSend(shownValue(service, 'X-ISGW-Direction')) ? 'paused' : state,
    lastError: isRun ? lastError : untried(lastError),
  }
  if (isStale(service, { pause, lastSuccessMs }, seen)) return { ...shown, ...AT_REST, status: 'stale' }
  return isRun ? shown : { ...shown, ...AT_REST, status: status && 'idle' }
}

/** What lasts is not tried again while no gateway runs the service. */
const untried = (error: LinkError | null): LinkError | null =>
  error?.nextTryMs ? { ...error, nextTryMs: error.atMs } : error

const AT_REST = { sendThroughput: 0, receiveThroughput: 0 } as const

/** What the sinks of a served path have not acknowledged. Of one that was never reached, that is all there is. */
async function waiting(
  segment: Segment,
  service: Service,
  { path, pause }: Served,
  { flows }: ServiceNumbers,
  { nowMs }: Seen,
): Promise<Pick<ServedStats, 'behind' | 'delayMs'> | undefined> {
  if (pause || !canSend(shownValue(service, 'X-ISGW-Direction')) || !hasRemote(service)) return undefined
  const notes = flows.filter(({ served, direction }) => served === path && direction === 'send')
  if (notes.length === 0 && !isEnabled(service)) return undefined
  const mirror = mirrorPlace(service)
  const paths = kindOfName(path) === 'bucket' ? [path] : segment.names.children(path).map((child) => child.path)
  const all: Behind[] = []
  for (const here of paths) {
    const bucket = await bucketHere(segment, here)
    if (bucket === undefined) continue
    const note = notes.find((one) => one.here === here)
    const checkpoint =
      mirror === undefined
        ? standingOf(note?.checkpoint, rulesOf(service).mode)
        : mirrored(segment, bucket, mirror.text)
    all.push(await behind(bucket.source, checkpoint, { without: note?.peer ?? segment.guid }))
  }
  const sum = sumBehind(all.map((one) => behindAt(one, nowMs)))
  return { behind: sum, delayMs: sum.oldestMs ?? 0 }
}

/** What was left out on the ways of a served path. Of what goes to or comes from a directory or S3 this segment keeps the list. */
async function heldUp(
  { names, versions }: Segment,
  service: Service,
  { path }: Served,
  { flows }: ServiceNumbers,
): Promise<number> {
  const mirror = mirrorPlace(service)
  const bucket = names.find(path)
  if (mirror === undefined || bucket?.kind !== 'bucket') {
    return flows.filter(({ served }) => served === path).reduce((sum, { parked }) => sum + parked, 0)
  }
  let count = 0
  const [given, taken] = [mirrorName, takenName].map((name) => leftOut(versions, bucket.uid, name(mirror.text)))
  // One that neither way can bring is one.
  for await (const page of mergeJoin(given ?? noPages(), taken ?? noPages(), noPages())) count += page.length
  return count
}

/** How far a directory or a place in S3 has a bucket: this segment keeps it for it. */
export const mirrored = ({ versions }: Segment, { uid }: LiveBucket, place: string): Checkpoint | undefined =>
  versions.checkpoint(uid, mirrorName(place))

/** A bucket of this segment as live replication sees it; undefined where there is none. */
export async function bucketHere(segment: Segment, path: string): Promise<LiveBucket | undefined> {
  const named = segment.names.find(path)
  if (named?.kind !== 'bucket') return undefined
  const { liveBucket } = await import('../../endpoints/live-bucket.js')
  return liveBucket(segment, named, storingOf(effectiveSettings(segment.names, path)))
}
