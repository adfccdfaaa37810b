import { statfs } from 'node:fs/promises'
import type { AdoptAs, Adopted } from '../../model/adopting.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { CheckReport, CollectReport, Finding, RebuildReport, Segment } from '../../model/segment.js'
import { paceOf, unpaced } from '../../transfer/pace.js'
import { type App, withSegment } from '../app.js'
import { makeSegment } from './make-segment.js'

export interface Initialised {
  readonly guid: SegmentGuid
  readonly home: string
  /** False where the segment was there already. */
  readonly created: boolean
}

/** @throws NOT_FOUND where the folder holds something else; NEWER_FORMAT */
export async function initSystem(app: App): Promise<Initialised> {
  const guid = await makeSegment(app)
  if (guid !== undefined) return { guid, home: app.home, created: true }
  return withSegment(app, async (segment) => ({ guid: segment.guid, home: app.home, created: false }))
}

/** Says of a home what became of the one that it was the same as. @throws NOT_FOUND, NEWER_FORMAT */
export async function adoptSystem({ home, clock }: App, as: AdoptAs): Promise<Adopted & { readonly home: string }> {
  const { withSegment: withOpened } = await import('../../store/segment.js')
  return withOpened(home, { clock }, async (segment) => ({ ...(await segment.adopt(as)), home }))
}

export interface SystemSummary {
  readonly guid: SegmentGuid
  /** Bytes: what is used here and what is free on that disk, together. */
  readonly capacity: number
  readonly used: number
  readonly available: number
  /** Used per capacity, 0 to 1. */
  readonly utilization: number
  readonly versions: number
  readonly objects: number
  readonly chunks: number
  readonly packs: number
  /** Plain bytes of all objects. */
  readonly logical: number
  /** Those for each byte that is used, which older versions and what is to be collected take too; null where nothing is in. */
  readonly reduction: number | null
}

/** @throws NOT_FOUND, NEWER_FORMAT */
export const systemSummary = (app: App): Promise<SystemSummary> =>
  withSegment(app, async (segment) => {
    const { packs, packBytes, indexBytes, chunks } = segment.use()
    const { bavail, bsize } = await statfs(segment.home)
    const [used, available] = [packBytes + indexBytes, bavail * bsize]
    const counters = bucketsOf(segment).map(({ uid }) => segment.versions.counters(uid))
    const logical = counters.reduce((sum, bucket) => sum + bucket.bytes, 0)
    return {
      guid: segment.guid,
      capacity: used + available,
      used,
      available,
      utilization: used / Math.max(1, used + available),
      versions: counters.reduce((sum, bucket) => sum + bucket.versions, 0),
      objects: counters.reduce((sum, bucket) => sum + bucket.objects, 0),
      chunks,
      packs,
      logical,
      reduction: logical === 0 ? null : Math.round((logical / used) * 100) / 100,
    }
  })

/** Index against packs; with `readData` every byte too. @throws NOT_FOUND, NEWER_FORMAT; CORRUPT where the index cannot be read */
export async function checkSystem(app: App, readData: boolean, signal: AbortSignal): Promise<CheckReport> {
  const { assertWhole } = await import('../../store/index/trial.js')
  await assertWhole(app.home)
  return withSegment(app, (segment) => segment.check({ readData, signal }))
}

/** The index is made anew from the packs. `tell` hears what was come upon. @throws NOT_FOUND, NEWER_FORMAT, CONFLICT */
export async function repairSystem(
  { home, clock }: App,
  tell: (finding: Finding) => Promise<void>,
  signal: AbortSignal,
): Promise<RebuildReport> {
  const { rebuildIndex } = await import('../../store/rebuild/rebuild.js')
  return rebuildIndex(home, { clock, tell, signal })
}

export interface GcRequest {
  readonly dryRun: boolean
  /** Milliseconds since 1970. */
  readonly forgetBeforeMs?: number
  /** 0 to 1. */
  readonly deadShareMax: number
  readonly extraBytesMax?: number
  /** Bytes a second. */
  readonly bandwidth?: number
}

/** @throws CONFLICT where another process collects; CORRUPT; NOT_FOUND, NEWER_FORMAT, DISK_FULL, IO */
export const collectGarbage = (
  app: App,
  { bandwidth, ...request }: GcRequest,
  signal: AbortSignal,
): Promise<CollectReport> =>
  withSegment(app, (segment) => {
    const pace = bandwidth === undefined ? unpaced : paceOf(bandwidth, app.clock)
    return segment.collect({ ...request, pace, signal })
  })

export const bucketsOf = ({ names }: Segment) =>
  names
    .children('')
    .flatMap(({ path }) => names.children(path))
    .flatMap(({ path }) => names.children(path))
