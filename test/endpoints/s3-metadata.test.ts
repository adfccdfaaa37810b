import path from 'node:path'
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { setAttribute } from '@napi-rs/xattr'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { App } from '../../src/app/app.js'
import { putObject } from '../../src/app/objects/put.js'
import { newStats } from '../../src/app/watch.js'
import { bytesOfText, textOfBytes } from '../../src/endpoints/s3/header-text.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { s3World } from './s3-world.js'

const LARGE = noise(1, 20_000_000)
const TEXT = 'Grüße, 日本 \u{1F600}'
let ceph: Ceph
let faulty: FaultyS3

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('metadata')
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
})
afterEach(() => faulty.end())

/** As tools put it that write metadata in UTF-8. */
async function putInUtf8(Key: string, Metadata: Record<string, string>, Body: Buffer = Buffer.from('body')) {
  const client = new S3Client({ ...ceph.access, forcePathStyle: true })
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> }
      request.headers = bytesOfText(request.headers)
      return next(args)
    },
    { step: 'deserialize' },
  )
  await client.send(new PutObjectCommand({ Bucket: 'metadata', Key, Body, Metadata, ContentType: 'text/plain' }))
  client.destroy()
}

async function toldOf(Key: string): Promise<Record<string, string>> {
  const { Metadata = {} } = await ceph.client.send(new HeadObjectCommand({ Bucket: 'metadata', Key }))
  return Object.fromEntries(Object.entries(Metadata).map(([name, value]) => [name, textOfBytes(value)]))
}

test('metadata in UTF-8 goes through a bucket unchanged, and so does what is encoded as RFC 2047 has it', async () => {
  const encoded = '=?UTF-8?B?R3LDvMOfZQ==?='
  await putInUtf8('from/a', { text: TEXT, encoded, none: '' })
  await putInUtf8('from/large', { text: TEXT }, LARGE)
  const { sync } = await s3World(ceph)
  await sync('s3://metadata/from', 'H/C/a')
  expect((await sync('H/C/a', 's3://metadata/to')).parked).toEqual([])
  expect(await toldOf('to/a')).toMatchObject({ text: TEXT, encoded, none: '' })
  expect(await toldOf('to/large')).toMatchObject({ text: TEXT })
})

test('a server that takes no such metadata costs the object that has it, and no other', async () => {
  await putInUtf8('given/a', { text: TEXT })
  await putInUtf8('given/b', { text: 'plain' })
  const { sync } = await s3World(ceph, faulty.endpoint)
  await sync('s3://metadata/given', 'H/C/a')
  faulty.fault = ({ method, path }) =>
    method === 'PUT' && path.endsWith('/a') ? { status: 403, refusal: 'SignatureDoesNotMatch' } : undefined
  const { parked } = await sync('H/C/a', 's3://metadata/refused')
  expect(parked).toEqual([{ key: 'a', why: expect.stringContaining('takes no metadata that is not ASCII') }])
  expect(await toldOf('refused/b')).toMatchObject({ text: 'plain' })
})

/** Puts an object with options of its own into H/C/a. */
const putWith = (app: App, key: string, options: Record<string, string>, bytes: Buffer = Buffer.from(key)) =>
  putObject(app, `H/C/a/${key}`, { stream: once(bytes) }, { stats: newStats(), signal }, options)

const { signal } = new AbortController()

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** One more than an object of S3 can have. */
const TAGS = Array.from({ length: 11 }, (_, i) => `t${i}=x`).join('&')
const FAT = { 'amz-meta-a': 'a'.repeat(900), 'amz-meta-b': 'b'.repeat(800), 'amz-meta-long': 'c'.repeat(2500) }

test('more metadata than S3 holds is kept by a server that holds it; what has no place in S3 is told', async () => {
  const { app, sync } = await s3World(ceph)
  await putWith(app, 'a', { ...FAT, Owner: 'me', 'Cache-Control': 'größer', 'Delete-After': '1000' })
  await putWith(app, 'tagged', { 'amz-tagging': TAGS }, LARGE)
  await putWith(app, 'plain', { 'amz-meta-a': 'a', 'Content-Type': 'text/plain' })
  const root = emptyFolder()
  makeFile(root, 'x', 'x')
  setAttribute(path.join(root, 'x'), 'user.colour', 'red')
  await sync(root, 'H/C/a')
  const { parked, notKept } = await sync('H/C/a', 's3://metadata/fat')
  expect(parked).toEqual([])
  expect(notKept).toHaveLength(2)
  expect(notKept).toContainEqual({
    what: 'options',
    count: 3,
    first: expect.stringMatching(/^(?:Cache-Control of a|amz-tagging of tagged)$/),
  })
  expect(notKept).toContainEqual({ what: 'extended attributes', count: 1, first: 'user.colour of x' })
  expect(await toldOf('fat/a')).toMatchObject({ a: FAT['amz-meta-a'], long: FAT['amz-meta-long'] })
  expect((await sync('H/C/a', 's3://metadata/fat')).notKept).toEqual([])
})

test('where it is refused an object goes with as much as S3 holds, small and large, and what was left out is told', async () => {
  const { app, sync, verify } = await s3World(ceph, faulty.endpoint)
  await putWith(app, 'large', FAT, LARGE)
  await putWith(app, 'small', FAT)
  const tooLarge = { status: 400, refusal: 'MetadataTooLarge' }
  const tries = { large: 1, small: 2 }
  faulty.fault = ({ method, path: at, query }) => {
    const whole = at.endsWith('/small') && method === 'PUT'
    const begun = at.endsWith('/large') && method === 'POST' && query.has('uploads')
    return (whole && tries.small-- > 0) || (begun && tries.large-- > 0) ? tooLarge : undefined
  }
  const { parked, notKept } = await sync('H/C/a', 's3://metadata/less')
  expect(parked).toEqual([])
  expect(notKept).toEqual([
    { what: 'options', count: 2, first: expect.stringMatching(/^amz-meta-long of (?:small|large)$/) },
  ])
  for (const key of ['less/small', 'less/large']) {
    const told = await toldOf(key)
    expect(told).toMatchObject({ a: FAT['amz-meta-a'], b: FAT['amz-meta-b'], 'efs-blake3': expect.any(String) })
    expect(told.long).toBeUndefined()
  }
  expect(await verify('H/C/a', 's3://metadata/less')).toMatchObject({ differences: 0, parked: [] })
})
