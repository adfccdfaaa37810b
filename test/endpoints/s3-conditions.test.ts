import {
  type BucketVersioningStatus,
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { App } from '../../src/app/app.js'
import { readObject } from '../../src/app/objects/objects.js'
import { checkEndpoint } from '../../src/app/s3/check.js'
import type { Finding } from '../../src/model/finding.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { s3World } from './s3-world.js'

let ceph: Ceph
let faulty: FaultyS3
const { signal } = new AbortController()

beforeAll(async () => {
  ceph = await startCeph()
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
})
afterEach(() => faulty.end())

async function textOf(app: App, path: string): Promise<string> {
  const pieces: Uint8Array[] = []
  await readObject(app, { path }, signal, async (piece) => void pieces.push(Buffer.from(piece)))
  return Buffer.concat(pieces).toString()
}

async function findingsOf(app: App, address: string): Promise<Finding[]> {
  const found: Finding[] = []
  await checkEndpoint(app, address, async (finding) => void found.push(finding), signal)
  return found
}

async function makeVersioned(Bucket: string, ...more: BucketVersioningStatus[]): Promise<void> {
  await ceph.client.send(new CreateBucketCommand({ Bucket }))
  for (const Status of ['Enabled', ...more] as const)
    await ceph.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
}

test('a server that refuses what holds, as Ceph does of what keeps versions, is written to after a look', async () => {
  await makeVersioned('refusing')
  const { sync, verify } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  const write = async (text: string): Promise<void> => {
    for (const name of ['a', 'b', 'other']) makeFile(root, name, text)
    await sync(root, 'H/C/a')
  }
  await write('first')
  expect((await sync('H/C/a', 's3://refusing/p')).parked).toEqual([])
  await write('the second one')
  const somebodyElse = { Bucket: 'refusing', Key: 'p/other', Body: 'of somebody else' }
  faulty.fault = ({ method, path }) =>
    method === 'PUT' && path.endsWith('/p/other')
      ? { first: () => ceph.client.send(new PutObjectCommand(somebodyElse)) }
      : undefined
  const { parked } = await sync('H/C/a', 's3://refusing/p')
  expect(parked).toEqual([{ key: 'other', why: expect.stringContaining('changed here meanwhile') }])
  await write('the third one')
  faulty.fault = () => undefined
  expect((await sync('H/C/a', 's3://refusing/p')).parked).toEqual([])
  expect(await verify('H/C/a', 's3://refusing/p')).toMatchObject({ differences: 0, parked: [] })
})

test('where versions are kept what is to be new is not written over what somebody put there meanwhile', async () => {
  await makeVersioned('covering')
  const { app, sync } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  for (const name of ['mine', 'ours']) makeFile(root, name, 'from here')
  await sync(root, 'H/C/a')
  let isListed = false
  const others = { Bucket: 'covering', Key: 'p/ours', Body: 'of somebody else' }
  faulty.fault = ({ isListing, method }) => {
    if (isListing) isListed = true
    else if (isListed && method === 'PUT') {
      isListed = false
      return { first: () => ceph.client.send(new PutObjectCommand(others)) }
    }
    return undefined
  }
  const { parked } = await sync('H/C/a', 's3://covering/p')
  expect(parked).toEqual([{ key: 'ours', why: 'something is here that the plan did not see' }])
  await sync('s3://covering/p', 'H/C/b')
  expect(await textOf(app, 'H/C/b/ours')).toBe('of somebody else')
  faulty.fault = () => undefined
  const found = await findingsOf(app, 's3://covering/p')
  expect(found.find(({ test }) => test === 'conditions')).toMatchObject({
    outcome: 'warn',
    text: 'what is to be new is written over what is there, and a write is refused though its condition holds',
    hint: expect.stringContaining('efs looks before it writes'),
  })
})

test('what was deleted in a bucket that kept versions once can be written again', async () => {
  await makeVersioned('suspended', 'Suspended')
  await ceph.client.send(new DeleteObjectCommand({ Bucket: 'suspended', Key: 'p/a' }))
  const { sync, verify } = await s3World(ceph)
  const root = emptyFolder()
  for (const name of ['a', 'b']) makeFile(root, name, name)
  await sync(root, 'H/C/a')
  expect((await sync('H/C/a', 's3://suspended/p')).parked).toEqual([])
  expect(await verify('H/C/a', 's3://suspended/p')).toMatchObject({ differences: 0, parked: [] })
})

test('an object costs one request where it is new, and a look and a write where it changed', async () => {
  await ceph.makeBucket('counted')
  const { sync } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  const asked: string[][] = []
  for (const text of ['first', 'the second one']) {
    makeFile(root, 'a', text)
    await sync(root, 'H/C/a')
    faulty.asked.length = 0
    await sync('H/C/a', 's3://counted/p')
    asked.push(faulty.asked.filter(({ path }) => path.endsWith('/p/a')).map(({ method }) => method))
  }
  expect(asked).toEqual([['PUT'], ['HEAD', 'PUT']])
})
