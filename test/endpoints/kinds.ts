import { rename } from 'node:fs/promises'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { directoryEndpoint } from '../../src/endpoints/directory/endpoint.js'
import { openRemote } from '../../src/endpoints/remote/bucket.js'
import { s3Endpoint } from '../../src/endpoints/s3/endpoint.js'
import { s3Store } from '../../src/endpoints/s3/store.js'
import { segmentEndpoint } from '../../src/endpoints/segment.js'
import { createStats } from '../../src/stats/counters.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import type { Capability, End, EndpointKind, Place } from '../contracts/endpoint/kind.js'
import { emptyFolder } from '../directory/folders.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { connect, PATH, serve, testCertificate } from '../link/links.js'
import type { Ceph } from '../tools/ceph.js'
import { bucketIn, openObjects } from './object-segments.js'

const STORING = { chunking: { kind: 'fastcdc', bytes: 65_536 }, compress: true } as const
const SEGMENT: readonly Capability[] = [
  'chunks',
  'beside',
  'long names',
  'xattrs',
  'options',
  'content type',
  'folder times',
  'digests',
]

export const KINDS = (ceph: () => Ceph): readonly EndpointKind[] => [
  { name: 'memory', has: SEGMENT, place: memory },
  { name: 'segment', has: SEGMENT, place: segment },
  { name: 'directory', has: ['bytes', 'xattrs', 'folder times', 'looks', 'other side'], place: directory },
  { name: 'remote', has: [...SEGMENT, 'other side'], place: remote },
  {
    name: 'S3',
    has: ['bytes', 'beside', 'long names', 'content type', 'looks', 'other side'],
    place: () => objects(ceph()),
  },
  { name: 'S3 segment', has: SEGMENT, place: () => objectSegment(ceph()) },
]

function closed<E extends { close(): Promise<void> }>(opened: E): E {
  onTestFinished(() => opened.close())
  return opened
}

async function memory(): Promise<Place> {
  const bucket = new MemoryBucket(undefined, 65_536)
  return { open: async () => bucket }
}

async function segment(): Promise<Place> {
  const home = path.join(emptyFolder(), 'home')
  await initSegment(home, { clock: systemClock })
  const opened = closed(await openSegment(home, { clock: systemClock }))
  for (const name of ['a', 'a/b']) await opened.names.create(name, {})
  const bucket = await opened.names.create('a/b/c', {})
  return { open: async () => segmentEndpoint(opened, bucket, '', STORING) }
}

async function directory(): Promise<Place> {
  const folder = path.join(emptyFolder(), 'root')
  return {
    open: async () =>
      closed(await directoryEndpoint(folder, { clock: systemClock, stats: createStats(), missing: 'made' })),
    away: () => rename(folder, `${folder} elsewhere`),
  }
}

/** Over an encrypted link; the plain one is under all other tests of links. */
async function remote(): Promise<Place> {
  const { port, close } = await serve({ secure: true })
  const { fingerprint } = await testCertificate()
  return {
    open: async () =>
      openRemote(await connect(port, { secure: true, fingerprint }), PATH, { need: 'write', cells: true }),
    away: close,
  }
}

let places = 0

async function newBucket(ceph: Ceph): Promise<string> {
  const name = `place-${places++}`
  await ceph.makeBucket(name)
  return name
}

async function objects(ceph: Ceph): Promise<Place> {
  const bucket = await newBucket(ceph)
  const options = { clock: systemClock, stats: createStats(), uploads: path.join(emptyFolder(), 'uploads') }
  return {
    open: async (): Promise<End> => closed(await s3Endpoint({ access: ceph.access, bucket, prefix: '' }, options)),
    away: () => ceph.removeBucket(bucket),
  }
}

/** Each who opens it is another machine, with a cache of its own. */
async function objectSegment(ceph: Ceph): Promise<Place> {
  const bucket = await newBucket(ceph)
  return {
    open: async () => {
      const store = await s3Store({ access: ceph.access, bucket, prefix: '' })
      onTestFinished(() => store.close())
      return bucketIn(closed(await openObjects(store)))
    },
  }
}
