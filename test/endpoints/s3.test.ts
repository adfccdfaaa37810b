import { lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile, run } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { codeOf, DELETING, s3World } from './s3-world.js'

const MiB = 1024 * 1024
let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('objects')
}, 200_000)
afterAll(() => ceph.end())

async function keysOf(prefix: string): Promise<string[]> {
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: 'objects', Prefix: prefix }))
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length))
}

const put = (Key: string, Body: string, more: object = {}) =>
  ceph.client.send(new PutObjectCommand({ Bucket: 'objects', Key, Body, ...more }))

async function bytesOf(Key: string): Promise<Buffer> {
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: 'objects', Key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

/** One of each kind that a directory has, a large one with a hole among them. */
function fullFolder(): { readonly root: string; readonly large: Buffer } {
  const root = emptyFolder()
  const large = Buffer.concat([noise(1, 17 * MiB), Buffer.alloc(6 * MiB), noise(2, 3 * MiB + 5)])
  makeFile(root, 'large', large)
  makeFile(root, 'tail of zeros', noise(3, 100_000))
  truncateSync(path.join(root, 'tail of zeros'), 18 * MiB)
  makeFile(root, 'empty')
  makeFile(root, 'deep/er/still', 'text')
  makeFile(root, 'odd/a b+c%d&<é>\u{1F600}', noise(4, 200_000))
  for (let i = 0; i < 40; i++) makeFile(root, `many/${i}`, noise(5 + i, 500 * i))
  mkdirSync(path.join(root, 'hollow/inner'), { recursive: true })
  symlinkSync('deep/er/still', path.join(root, 'link'))
  utimesSync(path.join(root, 'empty'), 1_500_000_000.25, 1_500_000_000.25)
  run('chmod', '640', path.join(root, 'empty'))
  return { root, large }
}

test('the name of an object is no prefix, and no empty source', async () => {
  await put('single/file.iso', 'whole')
  const { sync } = await s3World(ceph)
  expect(await codeOf(sync('s3://objects/single/file.iso', 'H/C/a'))).toBe('NOT_FOUND')
  expect((await sync('s3://objects/single/nothing', 'H/C/a')).parked).toEqual([])
  await sync('s3://objects/single', 'H/C/a')
})

test('a directory comes back from S3 as it was, and any tool reads the objects', async () => {
  const { root, large } = fullFolder()
  const { sync, verify, dir } = await s3World(ceph)
  await sync(root, 'H/C/a')
  expect((await sync('H/C/a', 's3://objects/round')).parked).toEqual([])
  expect(await verify('H/C/a', 's3://objects/round')).toMatchObject({ differences: 0, parked: [] })

  expect((await bytesOf('round/large')).equals(large)).toBe(true)
  expect(await keysOf('round/hollow/')).toEqual(['inner/'])
  const { Metadata } = await ceph.client.send(new HeadObjectCommand({ Bucket: 'objects', Key: 'round/empty' }))
  expect(Metadata).toMatchObject({
    mtime: '1500000000.250000000',
    mode: '100640',
    's3cmd-attrs': 'atime:1500000000/mode:33184/mtime:1500000000',
  })

  expect((await sync('s3://objects/round', 'H/C/b')).parked).toEqual([])
  const back = path.join(dir, 'back')
  await sync('H/C/b', back)
  expect(run('diff', '-r', '--no-dereference', root, back)).toBe('')
  for (const name of ['empty', 'large', 'many/7', 'link']) {
    const [was, is] = [lstatSync(path.join(root, name)), lstatSync(path.join(back, name))]
    expect([is.mode, is.mtimeMs]).toEqual([was.mode, was.mtimeMs])
  }
})

test('what did not change is not read again, whichever way it goes, and only what changed is written', async () => {
  const { root } = fullFolder()
  const { sync } = await s3World(ceph)
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://objects/still')
  expect((await sync('H/C/a', 's3://objects/still')).settled).toEqual([])
  expect((await sync('s3://objects/still', 'H/C/a')).counts.objectsRead).toBe(0)
  await sync('s3://objects/still', 'H/C/b')
  expect((await sync('s3://objects/still', 'H/C/b')).counts.objectsRead).toBe(0)

  await put('still/many/7', 'new there')
  const { settled } = await sync('s3://objects/still', 'H/C/b')
  expect(settled.map(({ key, status }) => [key, status])).toEqual([['many/7', 'published']])
  const second = await sync('H/C/b', 's3://objects/still')
  expect(second.settled).toEqual([])
})

test('what the bucket lacks is deleted only when asked, and folders follow what is in them', async () => {
  const root = emptyFolder()
  for (const key of ['a/1', 'a/2', 'b/1']) makeFile(root, key, key)
  const { sync } = await s3World(ceph)
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://objects/deleting')
  rmSync(path.join(root, 'a/1'))
  rmSync(path.join(root, 'b/1'))
  await sync(root, 'H/C/a', DELETING)
  await sync('H/C/a', 's3://objects/deleting')
  expect(await keysOf('deleting/')).toEqual(['a/1', 'a/2', 'b/1'])
  await sync('H/C/a', 's3://objects/deleting', DELETING)
  expect(await keysOf('deleting/')).toEqual(['a/2', 'b/'])
  writeFileSync(path.join(root, 'b/2'), 'more')
  await sync(root, 'H/C/a')
  await sync('H/C/a', 's3://objects/deleting', DELETING)
  expect(await keysOf('deleting/')).toEqual(['a/2', 'b/', 'b/2'])
})

test('type, tags and metadata that others wrote go through a bucket', async () => {
  const { sync } = await s3World(ceph)
  await put('foreign/page', '<p>', {
    ContentType: 'text/html',
    ContentEncoding: 'gzip',
    CacheControl: 'no-cache',
    Metadata: { owner: 'me' },
    Tagging: 'a=1&b=two%20words',
  })
  await put('foreign/rclone', 'x', { Metadata: { mtime: '1400000000.123456789' } })
  await sync('s3://objects/foreign', 'H/C/a')
  await sync('H/C/a', 's3://objects/foreign2')
  const page = { Bucket: 'objects', Key: 'foreign2/page' }
  const head = await ceph.client.send(new HeadObjectCommand(page))
  const kept = { ContentType: 'text/html', ContentEncoding: 'gzip', CacheControl: 'no-cache' }
  expect(head).toMatchObject({ ...kept, Metadata: { owner: 'me' } })
  expect((await ceph.client.send(new GetObjectTaggingCommand(page))).TagSet).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: 'two words' },
  ])
  const rclone = await ceph.client.send(new HeadObjectCommand({ Bucket: 'objects', Key: 'foreign2/rclone' }))
  expect(rclone.Metadata?.mtime).toBe('1400000000.123456789')
})

test('a bucket that is not there, or two sides that keep no versions, are told', async () => {
  const { sync } = await s3World(ceph)
  await sync(emptyFolder(), 'H/C/a')
  expect(await codeOf(sync('s3://no-such-bucket', 'H/C/a', DELETING))).toBe('NOT_FOUND')
  expect(await codeOf(sync(emptyFolder(), 's3://objects/x'))).toBe('USAGE')
  expect(await codeOf(sync('s3://objects/x', 's3://objects/y'))).toBe('USAGE')
})

test('a name that cannot be a key, or a folder with content, is left out and named', async () => {
  const { sync, verify } = await s3World(ceph)
  await put('names/a/../b', 'x')
  await put('names/full/', 'content')
  await put('names/full/below', 'z')
  await put('names/good', 'y')
  const { parked, counts } = await sync('s3://objects/names', 'H/C/a')
  expect(parked.map(({ key }) => key).sort()).toEqual(['a/../b', 'full/'])
  expect(counts.objectsPublished).toBe(2)
  expect(await verify('H/C/a', 's3://objects/names')).toMatchObject({ differences: 0, objects: 2 })
})
