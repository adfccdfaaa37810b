import { EfsError } from '../../base/errors.js'
import { nearest } from '../../base/nearest.js'
import { follower } from '../../base/signals.js'
import { s3Store } from '../../endpoints/s3/store.js'
import { findOrMakeSegment, findSegment, isFirstSegment } from '../../endpoints/s3-segment/marker.js'
import { type ObjectSegment, openObjectSegment } from '../../endpoints/s3-segment/segment.js'
import type { ObjectStore } from '../../model/object-store.js'
import { type S3Address, s3SegmentText } from '../../model/s3-address.js'
import type { Stats } from '../../model/stats.js'
import type { App } from '../app.js'
import type { PeerMeter } from '../link/peer.js'
import { s3PlaceOf } from '../s3/s3.js'
import { type Cache, cacheOf } from './cache.js'
import { type Metered, metered } from './metered.js'

/** A segment that stands in S3, open. */
export interface Archive {
  readonly segment: ObjectSegment
  /** As people write it. */
  readonly text: string
  /**
   * Makes known here what is new there, and there what is new here. Gives whether anything was new here.
   * @throws NOT_FOUND where it is not the one any more that was opened, or its cache was removed; what a store throws
   */
  look(): Promise<boolean>
  /** Notices packs that somebody has deleted, which takes a listing of all. @throws what a store throws */
  lookForGone(): Promise<void>
  meter(): PeerMeter
  close(): Promise<void>
}

export interface ArchiveOpening {
  readonly app: App
  /** `write`: one is made where there is none. `read`: nothing is written there. */
  readonly need: 'read' | 'write'
  readonly signal: AbortSignal
  readonly stats?: Stats
  /** For who reads or writes data: `lookForGone`, once, at first. */
  readonly looksForGone: boolean
}

/** Takes as long as there is something new to be read. @throws NOT_FOUND where none is there and none is made; what a store throws */
export async function openArchive(at: S3Address, opening: ArchiveOpening): Promise<Archive> {
  const { app, need, signal, stats, looksForGone } = opening
  const bare = await s3Store(await s3PlaceOf(app, at))
  const { stop, release } = follower(signal)
  const text = s3SegmentText(at)
  const coat = metered(bare, stop.signal)
  let cache: Cache | undefined
  try {
    const guid = await (need === 'write' ? findOrMakeSegment : findSegment)(coat.store)
    if (guid === undefined) throw noSegment(text)
    cache = await cacheOf(app, guid)
    const readOnly = need === 'read'
    const options = { signal: stop.signal, readOnly, ...(stats && { stats }) }
    const segment = await openObjectSegment(coat.store, guid, cache.open, { ...options, looksForGone })
    return archiveOf({ segment, text, cache, coat, release })
  } catch (error) {
    release()
    await cache?.end()
    bare.close()
    throw error
  }
}

interface Opened {
  readonly segment: ObjectSegment
  readonly text: string
  readonly cache: Cache
  readonly coat: Metered
  release(): void
}

function archiveOf({ segment, text, cache, coat, release }: Opened): Archive {
  return {
    segment,
    text,
    meter: coat.meter,
    async look() {
      cache.mustStand()
      if (!(await isFirstSegment(coat.store, segment.guid))) throw another(text)
      return segment.refresh()
    },
    lookForGone: () => segment.lookForGone(),
    async close() {
      try {
        await segment.close()
      } finally {
        release()
        await cache.end()
        coat.store.close()
      }
    },
  }
}

/** Lends what is there, whatever it is. @throws what `use` throws; what a store throws */
export async function withStore<T>(
  app: App,
  at: S3Address,
  signal: AbortSignal,
  use: (store: ObjectStore) => Promise<T>,
): Promise<T> {
  const store = await s3Store(await s3PlaceOf(app, at))
  try {
    return await use(metered(store, signal).store)
  } finally {
    store.close()
  }
}

const noSegment = (text: string): EfsError =>
  new EfsError('NOT_FOUND', `no segment in ${text}`, { hint: 'it is made by the first that sends there' })

const another = (text: string): EfsError =>
  new EfsError('NOT_FOUND', `the segment in ${text} is another one by now, or is gone`, {
    hint: 'it is opened anew; a command that ended for this is to be run again',
  })

/** "Not found" for a bucket, with what there is. */
export function noBucket(path: string, text: string, there: readonly string[]): EfsError {
  return new EfsError('NOT_FOUND', `no bucket ${path} in ${text}`, { hint: hasText(there, path) })
}

/** What there is; where that is more than one, with the nearest to what was meant. */
export function hasText(there: readonly string[], meant = ''): string {
  if (there.length === 0) return 'there is none yet'
  const near = there.length > 1 ? nearest(meant, there) : undefined
  return `there is ${there.slice(0, 5).join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`
}
