import { chmodSync } from 'node:fs'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { setName } from '../../src/app/system/names.js'
import { collectGarbage } from '../../src/app/system/system.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { World } from '../e2e/world.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type Fault, type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { s3World } from './s3-world.js'

const MiB = 1024 * 1024
const SIZE = 64 * MiB
const OLD = noise(1, SIZE)
const IN_FRONT = Buffer.concat([Buffer.from('!'), OLD])
let ceph: Ceph
let faulty: FaultyS3
let nth = 0

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('changed')
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
})
afterEach(() => faulty.end())

const sentBytes = (): number => faulty.asked.reduce((sum, { bytes }) => sum + bytes, 0)
const copies = () => faulty.asked.filter(({ isCopy }) => isCopy)

const putBehind = (Key: string, Body: string | Buffer) =>
  ceph.client.send(new PutObjectCommand({ Bucket: 'changed', Key, Body }))

async function bytesOf(Key: string): Promise<Buffer> {
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: 'changed', Key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

async function uploadsBelow(Prefix: string): Promise<number> {
  const { Uploads = [] } = await ceph.client.send(new ListMultipartUploadsCommand({ Bucket: 'changed', Prefix }))
  return Uploads.length
}

/** An object that both a bucket and S3 have, and what is to be asked of the server is counted from then on. */
async function agreed(content = OLD) {
  const { sync, verify, app } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  const key = `${nth++}/large`
  const place = `s3://changed/${key.replace('/large', '')}`
  const file = makeFile(root, 'large', content)
  const change = async (to: Buffer): Promise<void> => {
    makeFile(root, 'large', to)
    await sync(root, 'H/C/a')
  }
  await sync(root, 'H/C/a')
  await sync('H/C/a', place)
  faulty.asked.length = 0
  return { app, root, file, key, change, sync, push: () => sync('H/C/a', place), verify: () => verify('H/C/a', place) }
}

const CHANGES: readonly [what: string, changed: Buffer, mostBytes: number][] = [
  ['a byte in front', IN_FRONT, 8 * MiB],
  ['a tail that was appended', Buffer.concat([OLD, noise(2, MiB)]), 8 * MiB],
  ['a tail that was cut off', OLD.subarray(0, SIZE - 3 * MiB - 7), 8 * MiB],
  ['a byte in the middle that went', Buffer.concat([OLD.subarray(0, SIZE / 2), OLD.subarray(SIZE / 2 + 1)]), 8 * MiB],
  [
    'two ends and a middle',
    Buffer.concat([noise(3, MiB), OLD.subarray(0, 30 * MiB), noise(4, 9 * MiB), OLD.subarray(30 * MiB), noise(5, 9)]),
    28 * MiB,
  ],
]

test.each(CHANGES)('of an object with %s only that is sent', async (_, changed, mostBytes) => {
  const { key, change, push, verify } = await agreed()
  await change(changed)
  const { parked, counts } = await push()
  expect(parked).toEqual([])
  expect(copies().length).toBeGreaterThan(0)
  expect(sentBytes()).toBeLessThan(mostBytes)
  expect(counts.bytesNew).toBeLessThan(mostBytes)
  expect(counts.bytesRead).toBe(counts.bytesNew)
  expect((await bytesOf(key)).equals(changed)).toBe(true)
  expect(await verify()).toMatchObject({ differences: 0, parked: [] })
  expect(await uploadsBelow(key)).toBe(0)
  expect((await push()).settled).toEqual([])
})

test('of an object with another mode nothing is sent, and a hole is as good as bytes', async () => {
  const sparse = Buffer.concat([noise(1, 9 * MiB), Buffer.alloc(20 * MiB), noise(2, 9 * MiB)])
  const { key, root, file, push, sync } = await agreed(sparse)
  chmodSync(file, 0o640)
  await sync(root, 'H/C/a')
  expect((await push()).parked).toEqual([])
  expect(sentBytes()).toBeLessThan(MiB)
  expect((await bytesOf(key)).equals(sparse)).toBe(true)
  const { Metadata } = await ceph.client.send(new HeadObjectCommand({ Bucket: 'changed', Key: key }))
  expect(Metadata?.['s3cmd-attrs']).toContain(`mode:${0o100640}`)
})

test('in a bucket that keeps versions too only what changed is sent', async () => {
  const Status = 'Enabled'
  await ceph.client.send(new CreateBucketCommand({ Bucket: 'versioned' }))
  await ceph.client.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration: { Status } }))
  const { change, sync } = await agreed()
  await sync('H/C/a', 's3://versioned')
  await change(IN_FRONT)
  faulty.asked.length = 0
  expect((await sync('H/C/a', 's3://versioned')).parked).toEqual([])
  expect(sentBytes()).toBeLessThan(8 * MiB)
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: 'versioned', Key: 'large' }))
  expect(IN_FRONT.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true)
})

test('where what it was is no longer kept, all is sent', async () => {
  const { app, key, change, push } = await agreed()
  await setName(app, 'bucket', 'H/C/a', { numberOfVersions: 1 })
  await change(noise(6, SIZE))
  await change(IN_FRONT)
  const { signal } = new AbortController()
  for (const _ of [1, 2]) await collectGarbage(app, { dryRun: false, deadShareMax: 0 }, signal)
  expect((await push()).parked).toEqual([])
  expect((await bytesOf(key)).equals(IN_FRONT)).toBe(true)
  expect(copies()).toEqual([])
})

const REFUSALS: readonly [how: string, fault: Fault][] = [
  ['has no such request', { status: 501 }],
  ['takes it for a wrong one', { status: 400 }],
  ['forbids it', { status: 403 }],
  ['knows no such thing', { status: 404 }],
  ['takes it for an empty part', { status: 200 }],
]

test.each(REFUSALS)('all is sent where the server %s', async (_, fault) => {
  const { key, change, push } = await agreed()
  await change(IN_FRONT)
  faulty.fault = ({ isCopy }) => (isCopy ? fault : undefined)
  expect((await push()).parked).toEqual([])
  expect(copies().length).toBeGreaterThan(0)
  expect(sentBytes()).toBeGreaterThan(SIZE)
  expect((await bytesOf(key)).equals(IN_FRONT)).toBe(true)
  expect(await uploadsBelow(key)).toBe(0)
})

test('all is sent where the server says of a part that it copied more than that', async () => {
  const { key, change, push } = await agreed()
  await change(IN_FRONT)
  const larger = (body: Buffer): Buffer => Buffer.from(body.toString().replace(/<Size>\d+/, '$&0'))
  faulty.fault = ({ method, query }) => (method === 'GET' && query.has('uploadId') ? { body: larger } : undefined)
  expect((await push()).parked).toEqual([])
  expect(sentBytes()).toBeGreaterThan(SIZE)
  expect((await bytesOf(key)).equals(IN_FRONT)).toBe(true)
})

const INTRUSIONS: readonly [when: string, method: string, body: string | Buffer][] = [
  ['before it is looked at', 'HEAD', 'theirs'],
  ['before the first copy', 'PUT', 'theirs'],
  ['before the first copy, as long', 'PUT', noise(9, SIZE)],
]

test.each(INTRUSIONS)('what somebody wrote there %s is not mixed in, nor written over', async (_, moment, body) => {
  const { key, change, push } = await agreed()
  await change(IN_FRONT)
  let theirs: Promise<unknown> | undefined
  faulty.fault = ({ method, path }) => {
    if (theirs !== undefined || method !== moment || !path.endsWith('/large')) return undefined
    theirs = putBehind(key, body)
    return { first: () => theirs ?? Promise.resolve() }
  }
  expect((await push()).parked).toMatchObject([{ key: 'large', why: 'it was changed here meanwhile' }])
  expect((await bytesOf(key)).equals(Buffer.from(body))).toBe(true)
  expect(await uploadsBelow(key)).toBe(0)
  expect(sentBytes()).toBeLessThan(8 * MiB)
})

test('what was deleted there meanwhile is left alone', async () => {
  const { key, change, push } = await agreed()
  await change(IN_FRONT)
  faulty.fault = ({ method, path }) => (method === 'HEAD' && path.endsWith(key) ? { status: 404 } : undefined)
  expect((await push()).parked).toMatchObject([{ key: 'large', why: 'it was deleted here meanwhile' }])
  expect((await bytesOf(key)).equals(OLD)).toBe(true)
})

test('what was copied before a run was stopped is not copied again', async () => {
  const { key, change, push } = await agreed()
  await change(IN_FRONT)
  faulty.fault = ({ method, query, isCopy }) =>
    method === 'PUT' && query.has('partNumber') && !isCopy ? { status: 403 } : undefined
  expect((await push()).parked.map(({ key }) => key)).toEqual(['large'])
  expect(copies().length).toBeGreaterThan(0)
  faulty.fault = () => undefined
  faulty.asked.length = 0
  expect((await push()).parked).toEqual([])
  expect(copies()).toEqual([])
  expect(sentBytes()).toBeLessThan(8 * MiB)
  expect((await bytesOf(key)).equals(IN_FRONT)).toBe(true)
})

test('a run that was killed while it sent is gone on with, and one whose object changed again begins anew', async () => {
  const world = new World({ ...ceph.env, AWS_ENDPOINT_URL: faulty.endpoint })
  const ended = (...args: string[]): Promise<number | null> =>
    new Promise((resolve) => world.start(...args).once('exit', resolve))
  const [key, place] = ['killed/large', 's3://changed/killed']
  world.write('files/large', OLD)
  expect(await ended('bucket', 'create', 'H/C/a')).toBe(0)
  expect(await ended('sync', './files', 'H/C/a')).toBe(0)
  expect(await ended('sync', 'H/C/a', place)).toBe(0)
  for (const [changed, after] of [
    [Buffer.concat([OLD, noise(7, 9)]), IN_FRONT],
    [Buffer.concat([IN_FRONT, noise(8, 9)]), undefined],
  ] as const) {
    world.write('files/large', changed)
    expect(await ended('sync', './files', 'H/C/a')).toBe(0)
    faulty.asked.length = 0
    let isHeld = false
    faulty.fault = ({ method, query, isCopy }) => {
      if (method !== 'PUT' || !query.has('partNumber') || isCopy) return undefined
      isHeld = true
      return { first: () => new Promise(() => undefined) }
    }
    const child = world.start('sync', 'H/C/a', place)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    await vi.waitFor(() => expect(isHeld).toBe(true), { timeout: 30_000, interval: 20 })
    child.kill('SIGKILL')
    await gone
    faulty.fault = () => undefined
    if (after !== undefined) world.write('files/large', after)
    expect(await ended('sync', './files', 'H/C/a')).toBe(0)
    const before = copies().length
    expect(await ended('sync', 'H/C/a', place)).toBe(0)
    expect(copies().length > before).toBe(after !== undefined)
    expect((await bytesOf(key)).equals(after ?? changed)).toBe(true)
    expect(await uploadsBelow(key)).toBe(0)
  }
})
