import { rmSync } from 'node:fs'
import path from 'node:path'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile, run } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { codeOf, DELETING, s3World } from './s3-world.js'

const MiB = 1024 * 1024
let ceph: Ceph
let faulty: FaultyS3

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('faulty')
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
})
afterEach(() => faulty.end())

const world = () => s3World(ceph, faulty.endpoint)

async function keysOf(prefix: string): Promise<string[]> {
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: 'faulty', Prefix: prefix }))
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length))
}

function folderOf(count: number, large = false): string {
  const root = emptyFolder()
  for (let i = 0; i < count; i++) makeFile(root, `d${i % 3}/f${i}`, noise(i, 300 + i * 100))
  if (large) makeFile(root, 'large', noise(99, LIMITS.s3WholeBytesMax + 2 * MiB))
  return root
}

test('a server that is busy, loses answers and cuts bodies costs time, and nothing else', async () => {
  const root = folderOf(30, true)
  const { sync, verify, dir } = await world()
  await sync(root, 'H/C/a')
  faulty.fault = ({ number, method, query }) => {
    if (number % 5 === 0) return { status: 503 }
    if (number % 7 === 0 && method === 'PUT' && !query.has('partNumber')) return { lost: true }
    return undefined
  }
  expect((await sync('H/C/a', 's3://faulty/busy')).parked).toEqual([])
  faulty.fault = ({ number, method }) => {
    if (number % 6 === 0) return { status: 500 }
    return number % 4 === 0 && method === 'GET' ? { cutAt: 100 } : { delayMs: 5 }
  }
  expect((await sync('s3://faulty/busy', 'H/C/b')).parked).toEqual([])
  faulty.fault = () => undefined
  expect(await verify('H/C/b', 's3://faulty/busy')).toMatchObject({ differences: 0, parked: [] })
  const back = path.join(dir, 'back')
  await sync('H/C/b', back)
  expect(run('diff', '-r', root, back)).toBe('')
})

test('pages that are out of order, repeat, or are not whole end a run before anything is deleted', async () => {
  const root = folderOf(9)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://faulty/pages')
  const entries = (body: Buffer): string[] => body.toString().match(/<Contents>.*?<\/Contents>/gs) ?? []
  const withEntries = (body: Buffer, change: (all: string[]) => string[]): Buffer => {
    const all = entries(body)
    return Buffer.from(body.toString().replace(all.join(''), change(all).join('')))
  }
  const damages: ((body: Buffer) => Buffer)[] = [
    (body) => withEntries(body, (all) => all.reverse()),
    (body) => withEntries(body, (all) => all.slice(0, 4)),
    (body) => withEntries(body, ([first = '', ...rest]) => [first, first, ...rest.slice(1)]),
    (body) => Buffer.from(body.toString().replace('<IsTruncated>false', '<IsTruncated>true')),
    (body) => Buffer.from(body.toString().replace(/<IsTruncated>.*?<\/IsTruncated>/, '')),
    (body) => body.subarray(0, body.length / 2),
  ]
  for (const damage of damages) {
    faulty.fault = ({ isListing }) => (isListing ? { body: damage } : undefined)
    const code = await codeOf(sync('s3://faulty/pages', 'H/C/a', DELETING))
    expect(['FAILED', 'UNREACHABLE']).toContain(code)
    expect(['FAILED', 'UNREACHABLE']).toContain(await codeOf(sync('H/C/b', 's3://faulty/pages', DELETING)))
  }
  faulty.fault = ({ isListing }) => (isListing ? { status: 403 } : undefined)
  expect(await codeOf(sync('s3://faulty/pages', 'H/C/a', DELETING))).toBe('REFUSED')
  faulty.fault = () => undefined
  expect((await sync(root, 'H/C/a')).counts.objectsPublished).toBe(0)
  expect(await keysOf('pages/')).toHaveLength(9)
})

test('bytes that are not those that were written are left out and named, and nothing is stored of them', async () => {
  const root = folderOf(4, true)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://faulty/flipped')
  const flipped = (body: Buffer): Buffer => {
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1
    return body
  }
  faulty.fault = ({ method, path: at }) => (method === 'GET' && /large$|f2$/.test(at) ? { body: flipped } : undefined)
  const { parked, counts } = await sync('s3://faulty/flipped', 'H/C/b')
  expect(parked.map(({ key }) => key).sort()).toEqual(['d2/f2', 'large'])
  expect(counts.objectsPublished).toBe(3)
  faulty.fault = () => undefined
  expect((await sync('s3://faulty/flipped', 'H/C/b')).counts.objectsPublished).toBe(2)
})

test('what is deleted between list and read is named so, and the others come', async () => {
  const { sync } = await world()
  for (const Key of ['gone/a', 'gone/b'])
    await ceph.client.send(new PutObjectCommand({ Bucket: 'faulty', Key, Body: Key }))
  faulty.fault = ({ method, path: at, isListing }) =>
    method === 'GET' && !isListing && at.endsWith('/a')
      ? { first: () => ceph.client.send(new DeleteObjectCommand({ Bucket: 'faulty', Key: 'gone/a' })) }
      : undefined
  const { parked, counts } = await sync('s3://faulty/gone', 'H/C/a')
  expect(parked).toEqual([{ key: 'a', why: 'deleted before it was read' }])
  expect(counts.objectsPublished).toBe(1)
})

test('what stands in an archive is left out and named, and the others come', async () => {
  const root = folderOf(4, true)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://faulty/archived')
  faulty.fault = ({ method, path: at }) =>
    method === 'GET' && /large$|f2$/.test(at) ? { status: 403, refusal: 'InvalidObjectState' } : undefined
  const { parked, counts } = await sync('s3://faulty/archived', 'H/C/b')
  expect(parked.map(({ key }) => key).sort()).toEqual(['d2/f2', 'large'])
  expect(parked[0]?.why).toContain('InvalidObjectState')
  expect(counts.objectsPublished).toBe(3)
})

test('ETags that are no MD5 are as good as others', async () => {
  const root = folderOf(5, true)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  const other = (text: string): string =>
    text.replace(/[0-9a-f]{32}(-\d+)?/g, (etag) => `x${[...etag].reverse().join('')}`)
  faulty.fault = ({ isListing }) => ({
    headers: (headers) => ({ ...headers, ...(headers.etag !== undefined && { etag: other(headers.etag) }) }),
    ...(isListing && { body: (body: Buffer) => Buffer.from(other(body.toString())) }),
  })
  await sync('H/C/a', 's3://faulty/etags/small')
  expect((await sync('s3://faulty/etags/small', 'H/C/b')).parked).toEqual([])
  expect((await sync('s3://faulty/etags/small', 'H/C/b')).counts.objectsRead).toBe(0)
})

test('what somebody wrote there since the plan is not written over, nor deleted', async () => {
  const root = folderOf(2)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://faulty/race')
  makeFile(root, 'd0/f0', 'newer')
  makeFile(root, 'new', 'ours')
  await sync(root, 'H/C/a')
  const { PutObjectCommand } = await import('@aws-sdk/client-s3')
  let raced = false
  faulty.fault = ({ isListing, method }) => {
    if (isListing || raced || method !== 'PUT') return undefined
    raced = true
    for (const Key of ['race/d0/f0', 'race/new'])
      void ceph.client.send(new PutObjectCommand({ Bucket: 'faulty', Key, Body: 'theirs' }))
    return { delayMs: 1500 }
  }
  const { parked } = await sync('H/C/a', 's3://faulty/race')
  expect(parked.map(({ key }) => key).sort()).toEqual(['d0/f0', 'new'])
  for (const Key of ['race/d0/f0', 'race/new']) {
    const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: 'faulty', Key }))
    expect(await Body?.transformToString()).toBe('theirs')
  }
})

test('an upload in parts that was ended goes on where it was', async () => {
  const root = folderOf(1, true)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  faulty.fault = ({ query }) => (query.get('partNumber') === '2' ? { status: 403 } : undefined)
  expect((await sync('H/C/a', 's3://faulty/resumed')).parked.map(({ key }) => key)).toEqual(['large'])
  faulty.fault = () => undefined
  faulty.asked.length = 0
  expect((await sync('H/C/a', 's3://faulty/resumed')).parked).toEqual([])
  const parts = faulty.asked.flatMap(({ method, query }) => (method === 'PUT' ? (query.get('partNumber') ?? []) : []))
  expect(new Set(parts).has('1')).toBe(false)
  expect(new Set(parts).has('2')).toBe(true)
  rmSync(path.join(root, 'd0'), { recursive: true })
  expect((await keysOf('resumed/')).sort()).toEqual(['d0/f0', 'large'])
})

test('an upload that nobody went on with for long is given up, also by a run that changes nothing', async () => {
  const { s3UploadMsMax } = LIMITS
  onTestFinished(() => void Object.assign(LIMITS, { s3UploadMsMax }))
  const uploads = async (): Promise<number> => {
    const asked = new ListMultipartUploadsCommand({ Bucket: 'faulty', Prefix: 'left/' })
    return (await ceph.client.send(asked)).Uploads?.length ?? 0
  }
  const root = folderOf(1, true)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  faulty.fault = ({ query }) => (query.get('partNumber') === '2' ? { status: 403 } : undefined)
  await sync('H/C/a', 's3://faulty/left')
  faulty.fault = () => undefined
  rmSync(path.join(root, 'large'))
  await sync(root, 'H/C/a', DELETING)
  await sync('H/C/a', 's3://faulty/left')
  expect(await uploads()).toBe(1)
  Object.assign(LIMITS, { s3UploadMsMax: -1 })
  await sync('H/C/a', 's3://faulty/left')
  expect(await uploads()).toBe(0)
})

test.each(['uploads', 'partNumber'])(
  'a run that is stopped while a server is slow (%s) ends at once, and is gone on with',
  async (slow) => {
    const root = folderOf(0, true)
    const { sync, verify } = await world()
    await sync(root, 'H/C/a')
    const place = `s3://faulty/slow-${slow}`
    const stop = new AbortController()
    let goOn = (): void => undefined
    const late = new Promise<void>((resolve) => {
      goOn = resolve
    })
    faulty.fault = ({ query }) => {
      if (!query.has(slow)) return undefined
      setTimeout(() => stop.abort(new EfsError('INTERRUPTED', 'interrupted')), 100)
      return { first: () => late }
    }
    expect(await codeOf(sync('H/C/a', place, { signal: stop.signal }))).toBe('INTERRUPTED')
    goOn()
    faulty.fault = () => undefined
    expect((await sync('H/C/a', place)).parked).toEqual([])
    expect(await verify('H/C/a', place)).toMatchObject({ differences: 0, parked: [] })
  },
)
