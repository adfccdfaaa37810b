import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkEndpoint } from '../../src/app/s3/check.js'
import { EfsError } from '../../src/base/errors.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type Asked, startFaultyS3 } from '../tools/faulty-s3.js'
import { codeOf, s3World } from './s3-world.js'

let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('checked')
}, 200_000)
afterAll(() => ceph.end())

test.each<[what: string, is: (asked: Asked) => boolean]>([
  ['an upload is begun', ({ method, query }) => method === 'POST' && query.has('uploads')],
  ['an object is put', ({ method, path }) => method === 'PUT' && path.endsWith('/copies')],
])('a check that is stopped while %s leaves nothing', async (_, is) => {
  const faulty = await startFaultyS3(ceph.access.endpoint)
  const { app } = await s3World(ceph, faulty.endpoint)
  const stop = new AbortController()
  faulty.fault = (asked) => {
    if (!is(asked)) return undefined
    setTimeout(() => stop.abort(new EfsError('INTERRUPTED', 'interrupted')), 100)
    return { delayMs: 500 }
  }
  expect(await codeOf(checkEndpoint(app, 's3://checked/p/', async () => undefined, stop.signal))).toBe('INTERRUPTED')
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: 'checked' }))
  const { Uploads = [] } = await ceph.client.send(new ListMultipartUploadsCommand({ Bucket: 'checked' }))
  expect([...Contents, ...Uploads]).toEqual([])
  await faulty.end()
})

test('a check of a bucket with versions leaves none of its own, and takes no other', async () => {
  const Bucket = 'versions'
  await ceph.client.send(new CreateBucketCommand({ Bucket }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await ceph.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  for (const Body of ['one', 'two']) await ceph.client.send(new PutObjectCommand({ Bucket, Key: 'p/kept', Body }))
  const { app } = await s3World(ceph)
  expect(await checkEndpoint(app, `s3://${Bucket}/p`, async () => undefined, new AbortController().signal)).toBe(true)
  const { Versions = [], DeleteMarkers = [] } = await ceph.client.send(new ListObjectVersionsCommand({ Bucket }))
  expect([...Versions, ...DeleteMarkers].map(({ Key }) => Key)).toEqual(['p/kept', 'p/kept'])
})
