import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CreateBucketCommand, PutObjectCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { checkEndpoint } from '../../src/app/s3/check.js'
import { LIMITS } from '../../src/base/limits.js'
import type { Finding } from '../../src/model/finding.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type Asked, type Fault, type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { DELETING, s3World } from './s3-world.js'

const MiB = 1024 * 1024
let ceph: Ceph
let faulty: FaultyS3

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }))
  const Rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } as const
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const
  await ceph.client.send(new PutObjectLockConfigurationCommand({ Bucket: 'locked', ObjectLockConfiguration }))
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
  faulty.fault = asAmazon
})
afterEach(() => faulty.end())

const world = () => s3World(ceph, faulty.endpoint)

const isWrite = ({ method, isCopy, query }: Asked): boolean => method === 'PUT' && !isCopy && !query.has('tagging')
const hasMd5 = ({ headers }: Asked): boolean => headers['content-md5'] !== undefined

/** Ceph locks objects too, and compares digests, but does not demand them. */
function asAmazon(asked: Asked): Fault | undefined {
  if (!isWrite(asked) || hasMd5(asked)) return undefined
  const what = asked.query.has('partNumber') ? 'Part' : 'Object'
  const words = `Content-MD5 OR x-amz-checksum- HTTP header is required for Put ${what} requests with Object Lock parameters`
  return { status: 400, refusal: 'InvalidRequest', words }
}

function folderOf(): string {
  const root = emptyFolder()
  for (const name of ['empty', 'gone', 'sub/small']) makeFile(root, name, name === 'empty' ? '' : name)
  makeFile(root, 'large', noise(1, LIMITS.s3WholeBytesMax + 8 * MiB))
  return root
}

const isOfSdk = ({ headers }: Asked): boolean => headers['amz-sdk-request'] !== undefined

test.each([
  ['past the SDK', false],
  ['by the SDK', true],
])('objects go to a bucket that demands a digest, small and large, %s', async (_, isBySdk) => {
  const wrong = { Bucket: 'locked', Key: 'wrong', Body: 'a', ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' }
  await expect(ceph.client.send(new PutObjectCommand(wrong))).rejects.toMatchObject({ name: 'BadDigest' })
  const root = folderOf()
  const place = `s3://locked/plain-${isBySdk}`
  const { sync, verify } = await world()
  await sync(root, 'H/C/a')
  const taken: Asked[] = []
  faulty.fault = (asked) => {
    if (isBySdk && isWrite(asked) && !isOfSdk(asked)) return { status: 503 }
    const fault = asAmazon(asked)
    if (fault === undefined && isWrite(asked)) taken.push(asked)
    return fault
  }
  expect((await sync('H/C/a', place)).parked).toEqual([])
  expect(await verify('H/C/a', place)).toMatchObject({ differences: 0, parked: [] })
  for (const name of ['large', 'small']) {
    const of = taken.filter((asked) => asked.path.endsWith(`/${name}`))
    expect(new Set(of.map(isOfSdk))).toEqual(new Set([isBySdk]))
    expect(of.every(({ query }) => query.has('partNumber') === (name === 'large'))).toBe(true)
  }
  const large = noise(1, LIMITS.s3WholeBytesMax + 8 * MiB)
  writeFileSync(path.join(root, 'large'), Buffer.concat([large, noise(2, MiB)]))
  writeFileSync(path.join(root, 'sub/small'), 'another one')
  rmSync(path.join(root, 'gone'))
  await sync(root, 'H/C/a', DELETING)
  expect((await sync('H/C/a', place, DELETING)).parked).toEqual([])
  expect(await verify('H/C/a', place)).toMatchObject({ differences: 0, parked: [] })
})

test.each<[string, string?]>([
  ['InvalidRequest', 'Content-MD5 HTTP header is required for Put Object requests with Object Lock parameters'],
  ['MissingContentMD5'],
])('one write is refused (%s) by the demand, and none from then on', async (refusal, words) => {
  const root = emptyFolder()
  for (let i = 0; i < 20; i++) makeFile(root, `f${i}`, `${i}`)
  const { sync } = await world()
  await sync(root, 'H/C/a')
  faulty.fault = (asked) => asAmazon(asked) && { status: 400, refusal, ...(words !== undefined && { words }) }
  expect((await sync('H/C/a', `s3://locked/${refusal}`)).parked).toEqual([])
  const [quick, bySdk, ...others] = faulty.asked.filter(isWrite).map(hasMd5)
  expect([quick, bySdk]).toEqual([false, false])
  expect(others.length).toBeGreaterThan(20)
  expect(others).not.toContain(false)
})

test('a segment stands in a bucket that demands a digest', async () => {
  const root = folderOf()
  const { sync, verify } = await world()
  await sync(root, 'H/C/a')
  const place = 's3+segment://locked/segment'
  expect((await sync('H/C/a', `${place}#H/C/a`)).parked).toEqual([])
  expect((await sync(`${place}#H/C/a`, 'H/C/b')).parked).toEqual([])
  expect(await verify('H/C/a', 'H/C/b')).toMatchObject({ differences: 0 })
})

test('a check of a bucket that demands a digest finds nothing amiss', async () => {
  const { app } = await world()
  const found: Finding[] = []
  const { signal } = new AbortController()
  expect(await checkEndpoint(app, 's3://locked/check', async (one) => void found.push(one), signal)).toBe(true)
  const passed = found.flatMap(({ test, outcome }) => (outcome === 'pass' ? [test] : []))
  expect(passed).toEqual(expect.arrayContaining(['put', 'order', 'parts', 'copies', 'metadata']))
})

test('where nobody demands a digest none is sent', async () => {
  await ceph.makeBucket('free')
  const root = folderOf()
  const { sync } = await world()
  await sync(root, 'H/C/a')
  faulty.fault = () => undefined
  expect((await sync('H/C/a', 's3://free')).parked).toEqual([])
  expect(faulty.asked.filter(isWrite)).not.toEqual([])
  expect(faulty.asked.some(hasMd5)).toBe(false)
})
