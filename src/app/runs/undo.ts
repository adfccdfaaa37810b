import { EfsError } from '../../base/errors.js'
import type { Done, Parked } from '../../model/endpoint.js'
import type { VersionId } from '../../model/ids.js'
import { isFolderKey, type ObjectKey } from '../../model/key.js'
import { type Content, DELETION, wholeOf } from '../../model/manifest.js'
import type { VersionRef } from '../../model/version-ref.js'
import { type App, withSegment } from '../app.js'
import { effectiveSettings, findBucket } from '../buckets.js'
import type { Place } from '../sync/sides.js'
import { type Run, readRuns } from './book.js'
import { type Changed, changedKeys } from './changed.js'
import { booked, changesOf, openRun } from './record.js'

/** A run as people ask for it. */
export type ShownRun = Run & { readonly undoneBy?: number }

/** The latest first, of one bucket where it is named. @throws NOT_FOUND, CORRUPT */
export function listRuns(app: App, bucket: string | undefined): Promise<ShownRun[]> {
  return withSegment(app, async (segment) => {
    const only = bucket === undefined ? undefined : findBucket(segment.names, bucket).uid
    return shown(readRuns(segment)).filter(({ uid }) => only === undefined || uid === only)
  })
}

/** @throws NOT_FOUND, CORRUPT */
export const showRun = (app: App, number: number): Promise<ShownRun> =>
  withSegment(app, async (segment) => requireRun(readRuns(segment), number))

const shown = (runs: readonly Run[]): ShownRun[] =>
  runs
    .map((run) => {
      const undoneBy = runs.findLast(({ undoes }) => undoes === run.run)?.run
      return { ...run, ...(undoneBy === undefined ? {} : { undoneBy }) }
    })
    .reverse()

function requireRun(runs: readonly Run[], number: number): ShownRun {
  const found = shown(runs).find(({ run }) => run === number)
  if (found !== undefined) return found
  throw new EfsError('NOT_FOUND', `no run ${number}`, { hint: 'efs run list shows those that are kept' })
}

export interface Undone {
  readonly bucket: string
  /** Keys that are as they were before. */
  readonly objects: number
  /** Those that changed while they were taken back. */
  readonly parked: readonly Parked[]
  readonly run?: number
}

/**
 * Makes of each key that the run changed what it was before, as a new version. What is in the way is handed to `blocked`, and then nothing is written.
 * @throws CONFLICT; NOT_FOUND for the run and its bucket; CORRUPT, DISK_FULL, IO
 */
export function undoRun(
  app: App,
  number: number,
  signal: AbortSignal,
  blocked: (what: Parked) => Promise<void>,
): Promise<Undone> {
  return withSegment(app, async (segment) => {
    const run = requireRun(readRuns(segment), number)
    const bucket = segment.names.find(run.bucket)
    if (bucket?.uid !== run.uid) throw new EfsError('NOT_FOUND', `the bucket of run ${number} is gone`)
    const place = { segment, bucket }
    await requireUntouched(place, run, signal, blocked)
    const open = openRun(app, place, `run ${number}`, { undoes: number })
    const back = { objects: 0, parked: [] }
    await booked(
      open,
      () => back.objects,
      () => takeBack(place, run, signal, back),
    )
    return { bucket: bucket.path, ...back, ...(open.number === undefined ? {} : { run: open.number }) }
  })
}

/** Counts in `back` as it goes. */
async function takeBack(
  place: Place,
  run: Run,
  signal: AbortSignal,
  back: { objects: number; readonly parked: Parked[] },
): Promise<void> {
  const { segment, bucket } = place
  for await (const page of pagesOf(place, run)) {
    signal.throwIfAborted()
    const due = page.filter(({ key, stands }) => !isFolderKey(key) || stands)
    const done = await Promise.all(due.map((changed, object) => before(place, changed, object)))
    const results = await segment.versions.publish(bucket.uid, done, { overwrite: true, ifUnchanged: true })
    for (const [i, { key }] of done.entries()) {
      const isDone = results[i]?.status === 'published' || results[i]?.status === 'known'
      if (!isDone) back.parked.push({ key, why: 'it changed in the meantime, or has no room' })
      else if (!isFolderKey(key)) back.objects++
    }
  }
}

/** A folder's time changes with all that is in it: one that did is left as it is, and is in nobody's way. */
async function requireUntouched(
  place: Place,
  run: Run,
  signal: AbortSignal,
  blocked: (what: Parked) => Promise<void>,
): Promise<void> {
  const keepsOne = effectiveSettings(place.segment.names, place.bucket.path).numberOfVersions === 1
  let rows = 0
  let count = 0
  for await (const page of pagesOf(place, run)) {
    signal.throwIfAborted()
    const objects = page.filter(({ key }) => !isFolderKey(key))
    for (const { key, id, changes, stands, earlier } of objects) {
      rows += changes
      const isLost = keepsOne && earlier === undefined
      if (stands && !isLost) continue
      count++
      await blocked({
        key,
        why: isLost ? 'what was before is not kept: number-of-versions is 1' : whyNot(place, key, id),
      })
    }
  }
  const lost = run.changes - rows
  if (count === 0 && lost === 0) return
  const why = count > 0 ? `${count} of what it changed cannot go back` : `${lost} of its versions are no longer kept`
  throw new EfsError('CONFLICT', `run ${run.run} cannot be undone: ${why}`, {
    hint: 'nothing was written; efs object restore brings back single objects',
  })
}

const whyNot = ({ segment, bucket }: Place, key: ObjectKey, id: VersionId): string =>
  segment.versions.tips(bucket.uid, key).some(({ held }) => held?.id === id)
    ? 'it is in conflict with a later version: efs conflict resolve'
    : 'it was changed since'

/** @throws CONFLICT where the journal is another one by now */
function pagesOf(place: Place, run: Run): AsyncIterable<readonly Changed[]> {
  const pages = changesOf(place, run)
  if (pages !== undefined) return changedKeys(place, pages)
  throw new EfsError('CONFLICT', `run ${run.run} cannot be undone: the index was made anew since`, {
    hint: 'efs object restore brings back single objects',
  })
}

async function before(place: Place, { key, head, stands, earlier }: Changed, object: number): Promise<Done> {
  const content = stands ? await contentOf(place, earlier) : DELETION
  // What does not stand any more is not what the plan saw, and is refused.
  return { object, key, content, ...(stands && head && { there: head }) }
}

async function contentOf({ segment, bucket }: Place, earlier: VersionRef | undefined): Promise<Content> {
  if (earlier === undefined || earlier.kind === 'deleted') return DELETION
  const [version] = await segment.versions.manifests(bucket.uid, [earlier])
  if (version === undefined) throw new Error('one version was asked for')
  return wholeOf(version.manifest)
}
