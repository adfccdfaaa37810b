import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { parseObjectPath } from '../../model/address.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { Glob } from '../../model/glob.js'
import { type ObjectKey, objectKey } from '../../model/key.js'
import type { Named, NameSpace } from '../../model/name-space.js'
import { kindOfName, parseName } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Held, VersionRef } from '../../model/version-ref.js'
import { type App, withSegment } from '../app.js'
import { findBucket, missing } from '../buckets.js'

/** A version of a conflict. */
export interface Tip extends VersionRef {
  readonly held: Held
  readonly isHead: boolean
  /** Whether this segment wrote it. */
  readonly isHere: boolean
  /** Whether it says that it was written more than LIMITS.clockAheadMsMax from now. */
  readonly isAhead: boolean
}

/** A key with versions of which none descends from another, and that do not all have the same content. */
export interface Conflict {
  readonly path: string
  readonly key: ObjectKey
  /** The latest first: it is the head. */
  readonly tips: readonly Tip[]
}

export interface ConflictsRequest {
  /** A bucket, tenant or cluster; absent: all buckets. */
  readonly name?: string
  readonly match?: Glob
}

/** Hands conflicts to `each`, some at a time, in the order of names and keys. @throws USAGE, NOT_FOUND */
export const listConflicts = (
  app: App,
  { name, match }: ConflictsRequest,
  signal: AbortSignal,
  each: (page: readonly Conflict[]) => Promise<void>,
): Promise<void> =>
  withSegment(app, async (segment) => {
    const nowMs = app.clock.nowMs()
    for (const bucket of bucketsOf(segment.names, name)) {
      for await (const page of conflictsOf({ segment, bucket, nowMs }, { signal, ...(match && { match }) }))
        await each(page)
    }
  })

/** @throws USAGE; NOT_FOUND where there is no such object, or no conflict */
export const showConflict = (app: App, path: string): Promise<Conflict> =>
  withSegment(app, async (segment) => {
    const { bucket, key } = parseObjectPath(path)
    const place = { segment, bucket: findBucket(segment.names, bucket), nowMs: app.clock.nowMs() }
    const found = conflictAt(place, objectKey(key))
    if (found !== undefined) return found
    refuseUnknown(place, objectKey(key))
    throw new EfsError('NOT_FOUND', `no conflict at ${path}`, {
      hint: `efs conflict list ${bucket} shows where there is one`,
    })
  })

/** A bucket of an open segment, at a time in milliseconds since 1970. */
export interface Place {
  readonly segment: Segment
  readonly bucket: Named
  readonly nowMs: number
}

/** Those of a bucket, a page of keys at a time. A bucket without any is not walked. */
export async function* conflictsOf(
  place: Place,
  { signal, match = () => true }: CallOptions & { readonly match?: Glob },
): AsyncIterable<readonly Conflict[]> {
  const { segment, bucket } = place
  if (segment.versions.counters(bucket.uid).conflicts === 0) return
  const heads = segment.versions.list(bucket.uid, { deleted: true, ...(signal && { signal }) })
  for await (const page of heads) {
    const found = page
      .filter(({ key, held }) => (held?.tips ?? 1) > 1 && match(key))
      .flatMap(({ key }) => conflictAt(place, key) ?? [])
    if (found.length > 0) yield found
  }
}

/** Undefined where the versions of a key are no conflict. */
export function conflictAt({ segment, bucket, nowMs }: Place, key: ObjectKey): Conflict | undefined {
  const refs = segment.versions.tips(bucket.uid, key)
  const tips = refs.flatMap(({ held, ...ref }, i): Tip[] => {
    if (held === undefined) return []
    const isAhead = held.stamp.time > (nowMs + LIMITS.clockAheadMsMax) * 1000
    return [{ ...ref, held, isHead: i === 0, isHere: held.stamp.segment === segment.guid, isAhead }]
  })
  return tips.every((tip) => hasSameContent(tip, tips[0])) ? undefined : { path: `${bucket.path}/${key}`, key, tips }
}

const hasSameContent = (a: Tip, b: Tip | undefined): boolean =>
  a.kind === b?.kind && a.size === b.size && a.held.contentHash === b.held.contentHash

/** @throws NOT_FOUND where the key has no version at all */
export function refuseUnknown({ segment, bucket }: Place, key: ObjectKey): void {
  if (segment.versions.head(bucket.uid, key) !== undefined) return
  throw new EfsError('NOT_FOUND', `no object ${bucket.path}/${key}`, {
    hint: `efs object list ${bucket.path} shows what there is`,
  })
}

/** The bucket, or all below the tenant or cluster, in the order of their names. @throws USAGE, NOT_FOUND */
function bucketsOf(names: NameSpace, name: string | undefined): Named[] {
  if (name === undefined) return names.children('').flatMap((cluster) => bucketsUnder(names, cluster))
  const named = names.find(parseName(kindOfName(name), name))
  if (named === undefined) throw missing(names, name)
  return bucketsUnder(names, named)
}

const bucketsUnder = (names: NameSpace, named: Named): Named[] =>
  named.kind === 'bucket' ? [named] : names.children(named.path).flatMap((child) => bucketsUnder(names, child))
