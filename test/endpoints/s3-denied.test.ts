import { mkdirSync } from 'node:fs'
import path from 'node:path'
import {
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import type { Ceph } from '../tools/ceph.js'
import type { FaultyS3 } from '../tools/faulty-s3.js'
import { eachWithFaultyCeph } from './faulty-ceph.js'
import { DELETING, s3World } from './s3-world.js'

const LARGE = LIMITS.s3WholeBytesMax + 2 * 1024 * 1024
let ceph: Ceph
let faulty: FaultyS3
let bucket: string

eachWithFaultyCeph('denied', (at) => {
  ;({ ceph, faulty, bucket } = at)
})

const world = () => s3World(ceph, faulty.endpoint)
const put = (Key: string, Body: string | Buffer, Tagging?: string) =>
  ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, Tagging }))

/** Denies its own owner what is named, until `allow`. */
async function deny(denied: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const Statement = Object.entries(denied).map(([action, keys]) => ({
    Effect: 'Deny',
    Principal: '*',
    Action: `s3:${action}`,
    Resource: keys.map((key) => `arn:aws:s3:::${bucket}/${key}`),
  }))
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await ceph.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
}
const allow = () => ceph.client.send(new DeleteBucketPolicyCommand({ Bucket: bucket }))

async function keysThere(): Promise<string[]> {
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: bucket }))
  return Contents.map(({ Key = '' }) => Key)
}

async function textOf(Key: string): Promise<string | undefined> {
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: bucket, Key }))
  return Body?.transformToString()
}

const keysOf = (parked: readonly { readonly key: string }[]): string[] => parked.map(({ key }) => key).sort()

function limited(count: number): void {
  const before = LIMITS.s3DeniedMax
  Object.assign(LIMITS, { s3DeniedMax: count })
  onTestFinished(() => void Object.assign(LIMITS, { s3DeniedMax: before }))
}

test('objects that may not be read are named, kept at the other side, and come once they may be', async () => {
  const { sync, verify } = await world()
  for (const key of ['fine', 'no', 'tagged']) await put(key, 'first')
  await put('large', noise(1, LARGE))
  await sync(`s3://${bucket}`, 'H/C/a')
  await put('fine', 'second')
  await put('no', 'second')
  await put('tagged', 'second', 'a=1')
  await put('large', noise(2, LARGE))
  await deny({ GetObject: ['no', 'large'], GetObjectTagging: ['tagged'] })
  const { parked, counts, settled } = await sync(`s3://${bucket}`, 'H/C/a', DELETING)
  expect([...parked].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
    { key: 'large', why: `cannot read s3://${bucket}/large: access is denied (AccessDenied)` },
    { key: 'no', why: `cannot read s3://${bucket}/no: access is denied (AccessDenied)` },
    { key: 'tagged', why: `cannot read the tags of s3://${bucket}/tagged: access is denied (AccessDenied)` },
  ])
  expect(counts).toMatchObject({ objectsPublished: 1, objectsDeleted: 0, objectsParked: 3 })
  expect(settled.filter(({ status }) => status === 'parked')).toHaveLength(3)
  expect(await verify('H/C/a', `s3://${bucket}`)).toMatchObject({ differences: 2, parked: [{ key: 'large' }] })
  await allow()
  const after = await sync(`s3://${bucket}`, 'H/C/a', DELETING)
  expect(after).toMatchObject({ parked: [], counts: { objectsPublished: 3 } })
  expect(await verify('H/C/a', `s3://${bucket}`)).toMatchObject({ differences: 0, parked: [] })
})

test('objects that may not be written or deleted are named, left as they are, and done once they may be', async () => {
  const { sync, verify } = await world()
  const root = emptyFolder()
  for (const name of ['changed', 'fine', 'gone1', 'gone2', 'gone3', 'no']) makeFile(root, name, 'first')
  await sync(root, 'H/C/a')
  await sync('H/C/a', `s3://${bucket}`)
  const next = emptyFolder()
  for (const name of ['changed', 'fine', 'no', 'new']) makeFile(next, name, 'second')
  makeFile(next, 'large', noise(3, LARGE))
  makeFile(next, 'empty/f', 'f')
  await sync(next, 'H/C/a', DELETING)
  await deny({ PutObject: ['no', 'new', 'large'], GetObject: ['changed'], DeleteObject: ['gone1', 'gone2'] })
  const { parked, counts } = await sync('H/C/a', `s3://${bucket}`, DELETING)
  expect(keysOf(parked)).toEqual(['changed', 'gone1', 'gone2', 'large', 'new', 'no'])
  const whys = Object.fromEntries(parked.map(({ key, why }) => [key, why]))
  expect(whys).toMatchObject({
    changed: `cannot look at s3://${bucket}/changed: access is denied (AccessDenied)`,
    gone1: `cannot delete s3://${bucket}/gone1: access is denied (AccessDenied)`,
    large: `cannot write s3://${bucket}/large: access is denied (AccessDenied)`,
    new: `cannot write s3://${bucket}/new: access is denied (AccessDenied)`,
  })
  expect(counts).toMatchObject({ objectsPublished: 2, objectsDeleted: 1, objectsParked: 6 })
  await allow()
  expect(await keysThere()).toEqual(['changed', 'empty/f', 'fine', 'gone1', 'gone2', 'no'])
  expect(await textOf('no')).toBe('first')
  expect((await sync('H/C/a', `s3://${bucket}`, DELETING)).parked).toEqual([])
  expect(await verify('H/C/a', `s3://${bucket}`)).toMatchObject({ differences: 0, parked: [] })
})

test('an object that alone may not be deleted, and a folder whose marker may not be written, are named', async () => {
  const { sync } = await world()
  const root = emptyFolder()
  makeFile(root, 'gone', 'first')
  makeFile(root, 'stays', 'first')
  await sync(root, 'H/C/a')
  await sync('H/C/a', `s3://${bucket}`)
  const next = emptyFolder()
  makeFile(next, 'stays', 'first')
  mkdirSync(path.join(next, 'hollow'))
  await sync(next, 'H/C/a', DELETING)
  await deny({ PutObject: ['hollow/'], DeleteObject: ['gone'] })
  expect(keysOf((await sync('H/C/a', `s3://${bucket}`, DELETING)).parked)).toEqual(['gone', 'hollow/'])
  await allow()
  await sync('H/C/a', `s3://${bucket}`, DELETING)
  expect(await keysThere()).toEqual(['hollow/', 'stays'])
})

test('an old version that may not be read is named, and those after it come', async () => {
  const { sync } = await world()
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await ceph.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }))
  const { VersionId } = await put('a', 'first')
  await put('a', 'second')
  await put('a', 'third')
  faulty.fault = ({ query }) =>
    query.get('versionId') === VersionId ? { status: 403, refusal: 'AccessDenied' } : undefined
  const { parked } = await sync(`s3://${bucket}`, 'H/C/a', { history: true })
  expect(parked).toEqual([{ key: 'a', why: expect.stringContaining('access is denied (AccessDenied)') }])
  faulty.fault = () => undefined
  await sync('H/C/a', `s3://${bucket}/copy`)
  expect(await textOf('copy/a')).toBe('third')
})

test('where nothing may be read, written or deleted a run ends soon; one object that may be makes it go on', async () => {
  limited(6)
  const { sync } = await world()
  const root = emptyFolder()
  const names = Array.from({ length: 80 }, (_, i) => `f${String(i).padStart(2, '0')}`)
  for (const name of names) makeFile(root, name, name)
  await sync(root, 'H/C/a')
  const ended = (work: Promise<unknown>, doing: string) =>
    expect(work).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(`^none of 6 objects of s3://${bucket}/ could be ${doing}; cannot .*AccessDenied`),
      hint: expect.stringContaining('--exclude'),
    })
  await deny({ PutObject: ['*'] })
  await ended(sync('H/C/a', `s3://${bucket}`), 'written')
  await deny({ PutObject: names.slice(1) })
  expect((await sync('H/C/a', `s3://${bucket}`)).parked).toHaveLength(79)
  await allow()
  await sync('H/C/a', `s3://${bucket}`)
  await deny({ GetObject: ['*'] })
  faulty.asked.length = 0
  await ended(sync(`s3://${bucket}`, 'H/C/b'), 'read')
  expect(faulty.asked.length).toBeLessThan(80)
  await deny({ DeleteObject: ['*'] })
  await sync(emptyFolder(), 'H/C/a', DELETING)
  await ended(sync('H/C/a', `s3://${bucket}`, DELETING), 'deleted')
  await allow()
  expect(await keysThere()).toHaveLength(80)
})

test('an object that the server does not give as it is asked for, such as one with a key of its own, costs no other', async () => {
  for (const key of ['a', 'own-key', 'z']) await put(key, key)
  await put('own-key-large', noise(1, LARGE))
  const { sync, verify } = await world()
  faulty.fault = ({ method, path: asked }) =>
    method !== 'PUT' && asked.includes('own-key') ? { status: 400, refusal: 'InvalidRequest' } : undefined
  const { parked } = await sync(`s3://${bucket}`, 'H/C/a')
  const why = expect.stringMatching(/InvalidRequest.*\(HTTP 400\)/)
  expect(parked).toEqual([
    { key: 'own-key', why },
    { key: 'own-key-large', why },
  ])
  faulty.fault = () => undefined
  expect((await sync(`s3://${bucket}`, 'H/C/a')).parked).toEqual([])
  expect(await verify(`s3://${bucket}`, 'H/C/a')).toMatchObject({ differences: 0, parked: [] })
})
