import { EfsError } from '../../base/errors.js'
import { parseObjectPath } from '../../model/address.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import { objectKey } from '../../model/key.js'
import { kindOfName, lastPart, parentOf } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Served, Service } from '../../model/service.js'
import type { VersionRef } from '../../model/version-ref.js'
import { remoteOf } from '../../service/remote-of.js'
import { type App, withSegment } from '../app.js'
import { missing } from '../buckets.js'
import { findService } from '../services/files.js'
import { bucketHere, serviceNow } from '../services/numbers.js'
import { type Asking, type ServiceWhy, whyOf } from './service-why.js'

export interface Why {
  readonly path: string
  /** Those that are here, latest first. */
  readonly versions: readonly VersionHere[]
  readonly services: readonly ServiceWhy[]
  /** Services of its bucket that have nobody to ask: their peers call them. */
  readonly peerless: readonly string[]
}

export interface VersionHere {
  /** The oldest that is kept is 1. */
  readonly number: number
  readonly version: string
  /** When it was written; milliseconds since 1970. */
  readonly atMs: number
  readonly segment: SegmentGuid
  readonly here: boolean
  readonly deleted: boolean
  readonly head: boolean
  /** No other version descends from it. */
  readonly tip: boolean
}

/**
 * Where the versions of an object are, what holds them up, what happens next: for each service that serves its bucket. Peers are asked;
 * where one cannot be, what it said last stands in. Nothing is changed at either side.
 * @throws NOT_FOUND where nobody has such an object; USAGE, BAD_KEY
 */
export const explain = (app: App, path: string, signal: AbortSignal): Promise<Why> =>
  withSegment(app, async (segment) => {
    const { bucket, key: text } = parseObjectPath(path)
    const key = objectKey(text)
    const serving = servicesOf(segment, bucket)
    const here = await bucketHere(segment, bucket)
    if (here === undefined && serving.length === 0) throw missing(segment.names, bucket)
    const refs = here === undefined ? [] : segment.versions.versions(here.uid, key)
    const tips = here === undefined ? [] : segment.versions.tips(here.uid, key)
    const services: ServiceWhy[] = []
    for (const { service, served } of serving) {
      const now = await serviceNow(app, segment, service)
      const asking: Asking = {
        app,
        segment,
        service,
        served,
        bucket,
        there: thereOf(served, bucket),
        here,
        key,
        refs,
        tips,
        now,
        signal,
      }
      services.push(...(await whyOf(asking)))
    }
    const isKnown =
      refs.length > 0 || services.some(({ asked, coming, hold }) => !asked || coming.length > 0 || hold !== null)
    if (!isKnown) throw noObject(path, bucket, services)
    const peerless = serving.map(({ service }) => service).filter((service) => remoteOf(service) === undefined)
    return {
      path,
      versions: versionsHere(segment.guid, refs, tips),
      services,
      peerless: peerless.map(({ name }) => name),
    }
  })

function servicesOf(segment: Segment, bucket: string): { service: Service; served: Served }[] {
  return segment.services.names().flatMap((name) => {
    const service = findService(segment, name)
    const served =
      service.served.find(({ path }) => path === bucket) ?? service.served.find(({ path }) => path === parentOf(bucket))
    return served === undefined ? [] : [{ service, served }]
  })
}

const thereOf = ({ path, as = path }: Served, bucket: string): string =>
  kindOfName(path) === 'bucket' ? as : `${as}/${lastPart(bucket)}`

function versionsHere(own: SegmentGuid, refs: readonly VersionRef[], tips: readonly VersionRef[]): VersionHere[] {
  const isTip = new Set(tips.map(({ held }) => held?.id))
  return refs.flatMap(({ held, kind }, i) =>
    held === undefined
      ? []
      : [
          {
            number: refs.length - i,
            version: held.id,
            atMs: Math.floor(held.stamp.time / 1000),
            segment: held.stamp.segment,
            here: held.stamp.segment === own,
            deleted: kind === 'deleted',
            head: i === 0,
            tip: isTip.has(held.id),
          },
        ],
  )
}

function noObject(path: string, bucket: string, services: readonly ServiceWhy[]): EfsError {
  const peers = services.flatMap(({ peer }) => (peer === null ? [] : [shortGuid(peer)]))
  const asked = peers.length === 0 ? '' : `, nor at ${[...new Set(peers)].join(', ')}`
  return new EfsError('NOT_FOUND', `no object ${path} here${asked}`, {
    hint: `efs object list ${bucket} shows what there is`,
  })
}
