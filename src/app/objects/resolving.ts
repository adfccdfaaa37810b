import { EfsError } from '../../base/errors.js'
import { parseAddress } from '../../model/address.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import type { Glob } from '../../model/glob.js'
import type { SegmentGuid, VersionId } from '../../model/ids.js'
import { objectKey } from '../../model/key.js'
import { type Content, wholeOf } from '../../model/manifest.js'
import { type App, withSegment } from '../app.js'
import { findBucket } from '../buckets.js'
import { type Conflict, conflictAt, conflictsOf, type Place, refuseUnknown, type Tip } from './conflicts.js'

/** Which version of a conflict is kept: the latest of this segment, the latest of another one, or the head. */
export const KEEPS = ['ours', 'theirs', 'newer'] as const
export type Keep = (typeof KEEPS)[number]

export interface ResolveRequest {
  /** A bucket, or one object of it. */
  readonly path: string
  readonly keep: Keep
  readonly match?: Glob
}

/** What became of one conflict. */
export type Resolved =
  | {
      readonly type: 'resolved'
      readonly path: string
      /** The one that was made. */
      readonly version: VersionId
      /** The one whose content it has, and who wrote that. */
      readonly kept: VersionId
      readonly segment: SegmentGuid
    }
  | { readonly type: 'left'; readonly path: string; readonly why: string }

/**
 * Ends conflicts, all of the bucket where neither key nor pattern is given, and hands what became of them to `each`, some at a time in key order.
 * What changes meanwhile is left. @throws USAGE; NOT_FOUND for the bucket, and for an object that has no version
 */
export const resolveConflicts = (
  app: App,
  { path, keep, match }: ResolveRequest,
  signal: AbortSignal,
  each: (page: readonly Resolved[]) => Promise<void>,
): Promise<void> =>
  withSegment(app, async (segment) => {
    const { bucket, key } = meant(path)
    const place = { segment, bucket: findBucket(segment.names, bucket), nowMs: app.clock.nowMs() }
    if (key === '') {
      for await (const page of conflictsOf(place, { signal, ...(match && { match }) }))
        await each(await resolvePage(place, page, keep))
      return
    }
    if (match !== undefined)
      throw new EfsError('USAGE', `${path} is one object`, { hint: `leave it away, or write ${bucket} --match GLOB` })
    const found = conflictAt(place, objectKey(key))
    if (found === undefined) refuseUnknown(place, objectKey(key))
    else await each(await resolvePage(place, [found], keep))
  })

function meant(path: string): { readonly bucket: string; readonly key: string } {
  const address = parseAddress(path)
  if (address.kind === 'bucket' && address.home === undefined) return { bucket: address.bucket, key: address.rest }
  throw new EfsError('USAGE', `not a bucket of this segment: ${path}`, { hint: 'write Hawaii/Cola/bk1' })
}

/** One publish for all of them. */
async function resolvePage(place: Place, page: readonly Conflict[], keep: Keep): Promise<Resolved[]> {
  const choices = await Promise.all(page.map((conflict) => chosen(place, conflict, keep)))
  const done = choices.flatMap((choice, object): Done[] =>
    'why' in choice ? [] : [{ object, key: choice.conflict.key, content: choice.content }],
  )
  const resolves = new Map(page.map(({ key, tips }) => [key, tips.map(({ held }) => held.id)]))
  const results = await place.segment.versions.publish(place.bucket.uid, done, { overwrite: true, resolves })
  const became = new Map(done.map(({ object }, i) => [object, results[i]]))
  return choices.map((choice, object) => ('why' in choice ? choice : outcome(choice, became.get(object))))
}

interface Choice {
  readonly conflict: Conflict
  readonly tip: Tip
  readonly content: Content
}

type Left = Extract<Resolved, { type: 'left' }>

const left = (path: string, why: string): Left => ({ type: 'left', path, why })

async function chosen({ segment, bucket }: Place, conflict: Conflict, keep: Keep): Promise<Choice | Left> {
  const tip = conflict.tips.find(WANTED[keep])
  if (tip === undefined)
    return left(conflict.path, `this segment wrote ${keep === 'ours' ? 'none' : 'all'} of its versions`)
  try {
    const [version] = await segment.versions.manifests(bucket.uid, [tip])
    return version === undefined ? left(conflict.path, CHANGED) : { conflict, tip, content: wholeOf(version.manifest) }
  } catch (error) {
    if (error instanceof EfsError && error.code === 'NOT_FOUND') return left(conflict.path, CHANGED)
    throw error
  }
}

const WANTED: Readonly<Record<Keep, (tip: Tip) => boolean>> = {
  ours: ({ isHere }) => isHere,
  theirs: ({ isHere }) => !isHere,
  newer: ({ isHead }) => isHead,
}

const CHANGED = 'it changed in the meantime'

function outcome({ conflict: { path }, tip }: Choice, result: PublishResult | undefined): Resolved {
  switch (result?.status) {
    case 'published':
      if (result.id === undefined) throw new Error('a segment tells the id of what it made')
      return { type: 'resolved', path, version: result.id, kept: tip.held.id, segment: tip.held.stamp.segment }
    case 'parked':
      return left(path, result.why)
    case 'needs':
      return left(path, 'its content is not all here')
    case 'superseded':
    case 'known':
    case undefined:
      return left(path, CHANGED)
  }
}
