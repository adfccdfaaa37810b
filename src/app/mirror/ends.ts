import { type BucketEndpoint, segmentEndpoint } from '../../endpoints/segment.js'
import type { Baseline } from '../../model/baseline.js'
import type { Looker } from '../../model/endpoint.js'
import type { Filter } from '../../model/filter.js'
import type { BucketUid } from '../../model/ids.js'
import type { Segment } from '../../model/segment.js'
import type { Served } from '../../model/service.js'
import type { MirrorPlace } from '../../service/remote-of.js'
import type { App } from '../app.js'
import { effectiveSettings, findBucket, storingOf } from '../buckets.js'
import type { LinkRules } from '../link/rules.js'
import type { MountsOf } from '../sync/mounts.js'
import { leftAlone } from './left-alone.js'
import { mayBeMade } from './notes.js'
import { openThere, type There } from './there.js'

/** Which ways a mirror goes. */
export type Ways = Pick<LinkRules, 'sends' | 'receives'>

export const waysOf = ({ sends, receives }: LinkRules, { pause: isPaused }: Served): Ways => ({
  sends: sends && !isPaused,
  receives,
})

/** A bucket and a directory, or a place in S3, that are kept the same, both open. */
export interface Ends {
  readonly segment: Segment
  readonly uid: BucketUid
  readonly ways: Ways
  readonly here: BucketEndpoint
  readonly look: Looker['look']
  readonly there: There
  readonly service: string
  /** As people write it. */
  readonly place: string
  readonly baseline: Baseline
  /** Of a directory. */
  readonly mounts?: MountsOf
  /** What is left alone at both sides; read anew each time. @throws USAGE, IO */
  filter(): Filter | undefined
  close(): Promise<void>
}

/** What a service keeps the same. */
export interface Mirrored {
  readonly service: string
  /** Of the bucket. */
  readonly path: string
  readonly place: MirrorPlace
  readonly ways: Ways
}

/** What somebody types who means what a service hesitates to do. */
export const forced = (service: string): string => `efs service sync ${service} --force`

/** @throws NOT_FOUND where the bucket is gone, or the directory, unless it is written and never was there; USAGE, IO, REFUSED */
export async function openEnds(app: App, segment: Segment, { service, path, place, ways }: Mirrored): Promise<Ends> {
  const { uid, ...bucket } = findBucket(segment.names, path)
  const { versions } = segment
  const { sends } = ways
  const there = await openThere(app, place.remote, { create: mayBeMade(versions, uid, place.text, sends), sends })
  const storing = storingOf(effectiveSettings(segment.names, path))
  const here = segmentEndpoint(segment, { uid, ...bucket }, '', storing, there.identity)
  const baseline = here.baseline(there.identity)
  const { mounts } = there
  return {
    segment,
    uid,
    service,
    ways,
    here,
    look: async (keys) => keys.flatMap((key) => versions.head(uid, key) ?? []),
    there,
    place: place.text,
    baseline,
    ...(mounts && { mounts: { directory: { ...there, mounts }, baseline, meant: forced(service) } }),
    filter: () => leftAlone(place.remote, ways, segment.home),
    close: () => there.close(),
  }
}
