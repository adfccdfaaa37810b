import { stat } from 'node:fs/promises'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { segmentEndpoint } from '../../endpoints/segment.js'
import type { Parked } from '../../model/endpoint.js'
import { isSamePosition } from '../../model/position.js'
import { parseRemote } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import type { StatsSnapshot } from '../../model/stats.js'
import { secretLine } from '../../service/key-rule.js'
import { isUnset, shownValue } from '../../service/service.js'
import { createStats } from '../../stats/counters.js'
import { runTransfer } from '../../transfer/engine.js'
import { unpaced } from '../../transfer/pace.js'
import type { App } from '../app.js'
import { effectiveSettings, findBucket, storingOf } from '../buckets.js'
import type { ServiceContext } from '../gateway/runner.js'
import { pause } from '../gateway/streak.js'
import { BucketWaker } from './wakers.js'

/** The directory that a service has as its peer; undefined where it has none. */
export function directoryOf(service: Service): string | undefined {
  const text = shownValue(service, 'X-ISGW-Remote')
  if (isUnset(text)) return undefined
  const remote = parseRemote(text, secretLine(service.name))
  return remote.kind === 'directory' ? remote.path : undefined
}

const PARCELS_IN_FLIGHT = 4

/**
 * Keeps a directory the same as the bucket that the service serves, until `signal` ends it: a full pass at first and after each change,
 * and at least as long a rest as the pass took. A directory keeps no checkpoint, so this segment does.
 * @throws NOT_FOUND where the bucket is gone; GUARD where too much would be deleted; IO, DISK_FULL
 */
export async function runMirror(
  app: App,
  directory: string,
  service: Service,
  { segment, numbers, clock }: ServiceContext,
  signal: AbortSignal,
): Promise<void> {
  const [served] = service.served
  if (served === undefined) return pause(2 ** 31 - 1, signal)
  const { uid } = findBucket(segment.names, served.path)
  const source = { position: async () => segment.versions.position(uid) }
  const waker = new BucketWaker(source, segment.onRing, clock)
  const delayMs = Number(shownValue(service, 'X-ISGW-Processing-Delay'))
  try {
    while (!signal.aborted) {
      const position = await source.position()
      const started = clock.nowMs()
      numbers.set(served.path, { status: 'active', state: 'initial' })
      const { counts } = await mirrorOnce(app, segment, served.path, directory, signal)
      numbers.count(served.path, countedOf(counts))
      numbers.set(served.path, { status: 'idle', state: 'continuous', lastSuccessMs: clock.nowMs() })
      await pause(Math.max(clock.nowMs() - started, delayMs), signal)
      while (!signal.aborted && isSamePosition(await source.position(), position)) {
        await stat(directory)
        numbers.set(served.path, { lastSuccessMs: clock.nowMs() })
        await waker.wait(position, { signal, untilMs: clock.nowMs() + LIMITS.linkPollMsMax })
      }
    }
  } finally {
    waker.close()
  }
}

/** What a pass looked at stands for what was offered. */
const countedOf = ({ objectsLooked, objectsPublished, objectsDeleted, chunksNew }: StatsSnapshot) => ({
  versionsOffered: objectsLooked,
  versionsThere: Math.max(0, objectsLooked - objectsPublished),
  versionsApplied: objectsPublished + objectsDeleted,
  dataChunksSent: chunksNew,
})

/** Under which the bucket keeps how far a directory has it. */
export const mirrorName = (directory: string): string => `mirror:${directory}`

/** One full pass. What was left out is on the bucket's list of retries then. @throws as `runMirror` */
export async function mirrorOnce(
  app: App,
  segment: Segment,
  path: string,
  directory: string,
  signal: AbortSignal,
): Promise<{ readonly counts: StatsSnapshot; readonly parked: readonly Parked[] }> {
  const { directoryEndpoint } = await import('../../endpoints/directory/endpoint.js')
  const bucket = findBucket(segment.names, path)
  const { versions, guid } = segment
  const position = versions.position(bucket.uid)
  const stats = createStats()
  const here = segmentEndpoint(segment, bucket, '', storingOf(effectiveSettings(segment.names, path)))
  const there = await directoryEndpoint(directory, { clock: app.clock, create: true, stats })
  try {
    if (there.sink === undefined) throw new EfsError('USAGE', `nothing can be written to ${directory}`)
    const { parked } = await runTransfer({
      source: here.source,
      sink: there.sink,
      baseline: here.baseline(there.identity),
      policy: { deleteExtra: true, checksum: false },
      guard: { force: false },
      parcelsInFlight: PARCELS_IN_FLIGHT,
      pace: unpaced,
      stats,
      signal,
      settled: () => undefined,
    })
    const name = mirrorName(directory)
    const gone = versions.retries(bucket.uid, name).map(({ key }) => key)
    const move = { name, from: versions.checkpoint(bucket.uid, name), to: { position }, parked, gone }
    await versions.publish(bucket.uid, [], { overwrite: false, by: guid, move })
    return { counts: stats.read(), parked }
  } finally {
    await there.close()
  }
}
