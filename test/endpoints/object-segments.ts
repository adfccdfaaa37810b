import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { findOrMakeSegment } from '../../src/endpoints/s3-segment/marker.js'
import { type ObjectSegment, type OpenCache, openObjectSegment } from '../../src/endpoints/s3-segment/segment.js'
import type { BucketEndpoint } from '../../src/endpoints/segment.js'
import { encodeFacts } from '../../src/format/facts.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { LiveBucket } from '../../src/model/live.js'
import { mint } from '../../src/model/manifest.js'
import type { ObjectStore } from '../../src/model/object-store.js'
import type { Stats } from '../../src/model/stats.js'
import { createStats } from '../../src/stats/counters.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { inlineFile } from '../contracts/samples.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { folder } from '../store/homes.js'
import { type Ends, run } from '../transfer/runs.js'
import { folderContents } from '../transfer/trees.js'

export const BUCKET = 'Hawaii/Cola/bk1'
const STORING = { chunking: { kind: 'fastcdc', bytes: 65_536 }, compress: true } as const

/** Of tests in which writers die. */
const PATIENCE_MS = 400

interface Opening {
  readonly cache?: string
  readonly stats?: Stats
  readonly readOnly?: boolean
  readonly looksForGone?: boolean
}

/** The segment in that store, with a cache of its own or in that folder. */
export async function openObjects(
  store: ObjectStore,
  { cache, stats = createStats(), ...how }: Opening = {},
): Promise<ObjectSegment> {
  const home = cache ?? path.join(await folder(), 'cache')
  const guid = await findOrMakeSegment(store)
  if (!existsSync(home)) await initSegment(home, { clock: systemClock })
  const open: OpenCache = (elsewhere) => openSegment(home, { clock: systemClock, elsewhere })
  return openObjectSegment(store, guid, open, { patienceMs: PATIENCE_MS, stats, ...how })
}

export const bucketOf = (segment: ObjectSegment, path = BUCKET): BucketEndpoint & LiveBucket =>
  segment.bucket({ path, label: `memory#${path}`, storing: STORING })

/** The same, made where it is not there. */
export async function bucketIn(segment: ObjectSegment, path = BUCKET): Promise<BucketEndpoint & LiveBucket> {
  await segment.makeBucket(path)
  return bucketOf(segment, path)
}

export async function withObjects<T>(
  store: ObjectStore,
  use: (bucket: BucketEndpoint & LiveBucket, segment: ObjectSegment) => Promise<T>,
  cache?: string,
): Promise<T> {
  const segment = await openObjects(store, cache === undefined ? {} : { cache })
  try {
    return await use(await bucketIn(segment), segment)
  } finally {
    await segment.close()
  }
}

export const bytes = (seed: number, length = 500): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (i * 11 + seed + (i >> 4)) % 256))

export function filled(entries: Record<string, Buffer>, chunkBytes = 16): MemoryBucket {
  const made = new MemoryBucket(undefined, chunkBytes)
  for (const [key, content] of Object.entries(entries)) made.write(key, content)
  return made
}

export async function contentsOf(from: Ends['from']): Promise<Record<string, string>> {
  const to = new MemoryFolder()
  expect((await run({ from, to })).report.parked).toEqual([])
  return folderContents(to)
}

const OLD = segmentGuid('0d'.repeat(16))

/** What a writer left that published `count` objects one by one: as many objects of facts, in the journal. */
export async function leaveMany(store: ObjectStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { bytes: manifest } = encodeManifest(mint(inlineFile(`${i}`), [], OLD, 1_700_000_000_000))
    const entries = [{ key: objectKey(`old/${String(i).padStart(3, '0')}`), manifest }]
    const facts = encodeFacts({ packs: [], published: [{ path: BUCKET, entries }] }, [])
    await store.put(`journal/0/${facts.id}`, facts.bytes)
  }
}
