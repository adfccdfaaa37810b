import { isDeepStrictEqual } from 'node:util'
import { LIMITS } from '../../base/limits.js'
import type { SpotIndex } from '../../model/chunk-spots.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { LiveBucket, LiveSource } from '../../model/live.js'
import type { Named } from '../../model/name-space.js'
import type { ObjectStore } from '../../model/object-store.js'
import type { ChunkStore, Segment } from '../../model/segment.js'
import type { Storing } from '../../model/settings.js'
import type { Stats } from '../../model/stats.js'
import { liveBucket } from '../live-bucket.js'
import { type BucketEndpoint, segmentEndpoint } from '../segment.js'
import { ObjectChunks } from './chunks.js'
import { Claims } from './claims.js'
import type { FactsReading } from './facts-folder.js'
import { lookForGone, withHarm } from './gone.js'
import { PackIndex } from './pack-index.js'
import { Publications } from './publications.js'
import { Publisher } from './publisher.js'
import { untilStill } from './until-still.js'

/** Opens the home in which what is known of a segment of objects is kept; its chunks are where `elsewhere` says. */
export type OpenCache = (elsewhere: (spots: SpotIndex) => ChunkStore) => Promise<Segment>

export interface BucketAt {
  readonly path: string
  readonly label: string
  /** How new content is taken in. Nothing in the store says it: it is each writer's own affair. */
  readonly storing: Storing
}

/** A segment that stands in an object store. */
export interface ObjectSegment {
  readonly guid: SegmentGuid
  /** Paths of its buckets, in byte order, as of the last refresh. */
  buckets(): string[]
  /**
   * Makes known here what others have written until now, and to all what was published here and is not told yet. Gives whether
   * anything was new here.
   */
  refresh(): Promise<boolean>
  /**
   * Notices packs that somebody has deleted: what needs them is listed as harmed from then on, and what is put again heals it. Takes a
   * listing of all packs; where some are gone, also reading where all chunks are.
   */
  lookForGone(): Promise<void>
  /** As `Segment.onRing`: what is known here has changed, by this process or another one with the same cache. */
  onRing(listener: () => void): () => void
  /** The bucket is made where there is none. */
  makeBucket(path: string): Promise<void>
  /** A bucket that is there. */
  bucket(at: BucketAt): BucketEndpoint & LiveBucket
  /** What of it is below `prefix`, which ends in `/`. */
  part(at: BucketAt, prefix: string): BucketEndpoint
  /** Everything that was acknowledged is in the store already. */
  close(): Promise<void>
}

export interface ObjectSegmentOptions {
  /** Once it is aborted nothing more is read of what others have written; with it goes whoever opened the segment. */
  readonly signal?: AbortSignal
  /** How far that is is counted here. */
  readonly stats?: Stats
  /** What another writer claimed is waited for so long without anything new. */
  readonly patienceMs?: number
  /** Nothing is written to the store, not even to keep order there: whoever reads may have no right to. */
  readonly readOnly?: boolean
  /** Packs that somebody has deleted are noticed before it is open. */
  readonly looksForGone?: boolean
}

interface Parts {
  readonly store: ObjectStore
  readonly guid: SegmentGuid
  readonly spots: SpotIndex
  readonly index: PackIndex
  readonly chunks: ObjectChunks
  readonly claims: Claims
  readonly reading: FactsReading
}

/** The segment of that GUID, as it stands now. Owns neither the store nor what is below the cache's home. */
export async function openObjectSegment(
  store: ObjectStore,
  guid: SegmentGuid,
  openCache: OpenCache,
  options: ObjectSegmentOptions = {},
): Promise<ObjectSegment> {
  const { signal = new AbortController().signal, stats } = options
  const { patienceMs = LIMITS.claimPatienceMs, readOnly = false, looksForGone = false } = options
  const reading = { signal, stats, readOnly }
  const claims = new Claims(store)
  const parts: Parts[] = []
  const cache = await openCache((spots) => {
    const index = new PackIndex(store, spots, reading)
    const chunks = new ObjectChunks({ store, spots, index, guid, claims, patienceMs })
    parts.push({ store, guid, spots, index, chunks, claims, reading })
    return chunks
  })
  claims.noteIn(cache)
  const [made] = parts
  if (made === undefined) throw new Error('the cache has chunks of its own')
  try {
    const segment = assemble(cache, made)
    await segment.refresh()
    if (looksForGone) await segment.lookForGone()
    return segment
  } catch (error) {
    await cache.close()
    throw error
  }
}

const bucketsIn = ({ names }: Segment): Named[] =>
  names
    .children('')
    .flatMap(({ path }) => names.children(path))
    .flatMap(({ path }) => names.children(path))

/** Reads what others have written, and tells what was published here; gives whether anything was new here. */
async function exchange(cache: Segment, publications: Publications, parts: Parts): Promise<boolean> {
  const { spots, index, reading } = parts
  const standing = () => bucketsIn(cache).map(({ uid }) => cache.versions.position(uid))
  const before = standing()
  await untilStill(async () => {
    // In this order: chunks that were published about are in the index by then.
    const published = await publications.list()
    await index.refresh()
    await publications.takeIn(published)
    spots.keepRead(new Set([...published, ...index.listed].map(({ key }) => key)))
    // What a process that was killed has put into the cache, and was about to tell.
    if (!reading.readOnly) for (const bucket of bucketsIn(cache)) await publications.tell(bucket)
  })
  return !isDeepStrictEqual(standing(), before)
}

function named({ names }: Segment, path: string): Named {
  const bucket = names.find(path)
  if (bucket === undefined) throw new RangeError(`no bucket ${path}`)
  return bucket
}

function assemble(cache: Segment, parts: Parts): ObjectSegment {
  const { store, guid, spots, chunks, claims, reading } = parts
  const publications = new Publications({ store, spots, cache, guid, reading })
  const buckets = () => bucketsIn(cache)
  const publisher = new Publisher({
    flush: () => chunks.flush(),
    publish: cache.versions.publish,
    tell: async (uid) => {
      const bucket = buckets().find((each) => each.uid === uid)
      if (bucket !== undefined) await publications.tell(bucket)
    },
  })
  const list: Segment['versions']['list'] = (uid, options) => withHarm(cache.versions.list(uid, options), parts)
  const versions = { ...cache.versions, list, publish: publisher.publish.bind(publisher) }
  const data = { guid: cache.guid, chunks, versions }
  function part({ path, label, storing }: BucketAt, prefix: string): BucketEndpoint {
    const endpoint = segmentEndpoint(data, named(cache, path), prefix, storing)
    return { ...endpoint, label, identity: `objects:${guid}:${path}:${prefix}`, mayBeHarmed: spots.isAnyGone() }
  }

  return {
    guid,
    buckets: () => buckets().map(({ path }) => path),

    refresh: () => exchange(cache, publications, parts),

    lookForGone: () => lookForGone(parts, reading.signal),

    onRing: cache.onRing,

    async makeBucket(path) {
      if (cache.names.find(path)?.kind === 'bucket') return
      await publications.tellBucket(path)
      await publications.bucket(path)
    },

    bucket(at) {
      const live = liveBucket(data, named(cache, at.path), at.storing)
      // What comes from the store is marked with the segment's own GUID, which to others says that it is nobody's.
      const changes: LiveSource['changes'] = (since, { without, ...options }) =>
        live.source.changes(since, { ...options, without: without === guid ? cache.guid : without })
      const source = { ...live.source, changes }
      return { ...part(at, ''), ...live, segment: guid, source, label: at.label }
    },

    part,

    async close() {
      try {
        await claims.end()
      } finally {
        await cache.close()
      }
    },
  }
}
