import type { SegmentGuid } from '../../model/ids.js'
import { isFolderKey } from '../../model/key.js'
import { isSamePosition } from '../../model/position.js'
import type { Change } from '../../model/segment.js'
import type { App } from '../app.js'
import type { Place } from '../sync/sides.js'
import { addRun, type Run } from './book.js'

/** A run that has begun. */
export interface OpenRun {
  /** Once it has ended, and changed something. */
  number?: number
  end(): Promise<void>
}

/** Notes where the bucket stands; without a bucket there is nothing to note. */
export function openRun(
  app: App,
  place: Place | undefined,
  from: string,
  what: Pick<Run, 'undoes' | 'by'> = {},
): OpenRun {
  if (place === undefined) return { end: async () => undefined }
  const { segment, bucket } = place
  const startedMs = app.clock.nowMs()
  const before = segment.versions.position(bucket.uid)
  const open: OpenRun = {
    async end() {
      const after = segment.versions.position(bucket.uid)
      if (isSamePosition(before, after)) return
      const stretch = { uid: bucket.uid, before, after, ...what }
      let changes = 0
      for await (const page of changesOf(place, stretch) ?? [])
        changes += page.filter(({ key }) => !isFolderKey(key)).length
      const times = { startedMs, endedMs: app.clock.nowMs() }
      open.number = await addRun(segment, { ...stretch, bucket: bucket.path, from, ...times, changes })
    },
  }
  return open
}

/** Notes what `work` changed, also where it fails. `changes` says how much by its own account. */
export async function booked<T>(open: OpenRun, changes: () => number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    if (changes() > 0) await open.end()
  }
}

/** What was written here in a run, or brought by the peer that it was for, oldest first; undefined where the journal knows nothing of it any more. */
export function changesOf(
  { segment }: Pick<Place, 'segment'>,
  { uid, before, after, by }: Pick<Run, 'uid' | 'before' | 'after' | 'by'>,
): AsyncIterable<readonly Change[]> | undefined {
  const pages = segment.versions.changes(uid, before)
  return pages && upTo(pages, after.sequence, by)
}

async function* upTo(
  pages: AsyncIterable<readonly Change[]>,
  last: number,
  whose: SegmentGuid | undefined,
): AsyncGenerator<readonly Change[]> {
  for await (const page of pages) {
    yield page.filter(({ sequence, by }) => sequence <= last && by === whose)
    if ((page.at(-1)?.sequence ?? last) >= last) return
  }
}
