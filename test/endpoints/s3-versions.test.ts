import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { undoRun } from '../../src/app/runs/undo.js'
import { syncOnce } from '../../src/app/sync/sync.js'
import { newStats } from '../../src/app/watch.js'
import { LIMITS } from '../../src/base/limits.js'
import { openBucket } from '../../src/endpoints/s3/bucket.js'
import { listStates } from '../../src/endpoints/s3/states.js'
import { objectKey } from '../../src/model/key.js'
import { openSegment } from '../../src/store/segment.js'
import { noise } from '../chunker/bytes.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { codeOf, DELETING, type S3World, s3World } from './s3-world.js'

let ceph: Ceph
let buckets = 0
beforeAll(async () => {
  ceph = await startCeph()
}, 200_000)
afterAll(() => ceph.end())

/** A bucket with these versions, a `-` for a delete, each key in its order; the first is from before versioning. */
async function versioned(given: Readonly<Record<string, readonly (string | Buffer)[]>>) {
  const name = `versioned-${buckets++}`
  await ceph.makeBucket(name)
  let first = true
  const add = async (Key: string, ...all: readonly (string | Buffer)[]): Promise<void> => {
    for (const Body of all) {
      const at = { Bucket: name, Key }
      await ceph.client.send(Body === '-' ? new DeleteObjectCommand(at) : new PutObjectCommand({ ...at, Body }))
      if (first) {
        const VersioningConfiguration = { Status: 'Enabled' } as const
        await ceph.client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }))
      }
      first = false
    }
  }
  for (const [key, all] of Object.entries(given)) await add(key, ...all)
  return { name, add }
}

/** What H/C/a keeps of a key, oldest first: the texts of the small ones, the sizes of others, `-` for a delete. */
async function pastOf({ app }: S3World, key: string): Promise<string[]> {
  const segment = await openSegment(app.home, { clock: app.clock })
  try {
    const bucket = segment.names.find('H/C/a')
    if (bucket === undefined) throw new Error('no bucket')
    const refs = segment.versions.versions(bucket.uid, objectKey(key))
    const versions = await segment.versions.manifests(bucket.uid, refs)
    return versions
      .map(({ manifest: { kind, size, root } }) =>
        kind === 'deleted' ? '-' : 'inline' in root ? Buffer.from(root.inline).toString() : `${size}`,
      )
      .reverse()
  } finally {
    await segment.close()
  }
}

const HISTORY = { history: true }

test('versions and delete markers become versions, in their order, once; the next run brings what came since', async () => {
  const large = noise(1, LIMITS.parcelBytesMax + 7)
  const { name, add } = await versioned({
    a: ['null', '1', '2', '-', '3'],
    'd/gone é+%': ['x', large, '-'],
    large: [large, 'small now'],
    one: ['only'],
  })
  const world = await s3World(ceph)
  await world.sync(`s3://${name}`, 'H/C/a', HISTORY)
  expect(await pastOf(world, 'a')).toEqual(['null', '1', '2', '-', '3'])
  expect(await pastOf(world, 'd/gone é+%')).toEqual(['x', `${large.length}`, '-'])
  expect(await pastOf(world, 'large')).toEqual([`${large.length}`, 'small now'])
  expect(await pastOf(world, 'one')).toEqual(['only'])
  expect(await world.verify(`s3://${name}`, 'H/C/a')).toMatchObject({ differences: 0 })
  expect((await world.sync(`s3://${name}`, 'H/C/a', HISTORY)).settled).toEqual([])

  await add('a', '4', '-', '5', '6')
  await add('one', 'two', '-')
  await world.sync(`s3://${name}`, 'H/C/a', HISTORY)
  expect(await pastOf(world, 'a')).toEqual(['null', '1', '2', '-', '3', '4', '-', '5', '6'])
  expect(await pastOf(world, 'one')).toEqual(['only', 'two'])
  await world.sync(`s3://${name}`, 'H/C/a', { ...HISTORY, ...DELETING })
  expect(await pastOf(world, 'one')).toEqual(['only', 'two', '-'])
  expect((await world.sync(`s3://${name}`, 'H/C/a', { ...HISTORY, ...DELETING })).settled).toEqual([])
})

test('of what was deleted at both sides and came again no version is left out, nor comes twice', async () => {
  const { name, add } = await versioned({ kept: ['1'], a: ['1'], gone: ['x', '-'], back: ['1'] })
  const world = await s3World(ceph)
  const bring = (more = DELETING) => world.sync(`s3://${name}`, 'H/C/a', { ...HISTORY, ...more })
  await bring()
  await add('a', '-')
  await add('back', '2', '-')
  await bring()
  await add('a', '2', '3', '-', '4', '5')
  await add('gone', 'y', '-')
  await add('back', '3', '4')
  await bring()
  expect(await pastOf(world, 'a')).toEqual(['1', '-', '2', '3', '-', '4', '5'])
  expect(await pastOf(world, 'gone')).toEqual(['x', '-', 'y', '-'])
  expect(await pastOf(world, 'back')).toEqual(['1', '2', '-', '3', '4'])
  expect((await bring()).settled).toEqual([])
})

test('a run that ended before it noted the versions that it brought leaves none out', async () => {
  const sizes = [1, 2, 3, 4].map((more) => LIMITS.parcelBytesMax + more)
  const { name } = await versioned({ a: sizes.map((size) => noise(size, size)) })
  const world = await s3World(ceph)
  const settled = (): void => {
    throw new Error('killed')
  }
  const policy = { deleteExtra: false, checksum: false }
  const request = { from: `s3://${name}`, to: 'H/C/a', policy, guard: { force: true }, history: true }
  const watch = { stats: newStats(), settled, signal: new AbortController().signal }
  await expect(syncOnce(world.app, request, watch)).rejects.toThrow('killed')
  expect(await pastOf(world, 'a')).toEqual([`${sizes[0]}`])
  await world.sync(`s3://${name}`, 'H/C/a', HISTORY)
  expect(await pastOf(world, 'a')).toEqual(sizes.map(String))
})

test('a run that brought several versions of a key is taken back to what was before all of them', async () => {
  const { name, add } = await versioned({ a: ['1'], b: ['1', '2', '1'], gone: ['x', '-'] })
  const world = await s3World(ceph)
  await world.sync(`s3://${name}`, 'H/C/a', HISTORY)
  await add('a', '2', '3', '2', '3')
  await world.sync(`s3://${name}`, 'H/C/a', HISTORY)
  const undo = (run: number) => undoRun(world.app, run, new AbortController().signal, async () => undefined)
  expect(await undo(2)).toMatchObject({ objects: 1, parked: [] })
  expect(await pastOf(world, 'a')).toEqual(['1', '2', '3', '2', '3', '1'])
  expect(await undo(1)).toMatchObject({ objects: 3, parked: [] })
  expect((await pastOf(world, 'b')).at(-1)).toBe('-')
  expect(await pastOf(world, 'gone')).toEqual(['x', '-'])
})

test('without being asked for, only what is now comes; a delete from here leaves a marker there', async () => {
  const { name } = await versioned({ a: ['1', '2'], b: ['1'] })
  const world = await s3World(ceph)
  await world.sync(`s3://${name}`, 'H/C/a')
  expect(await pastOf(world, 'a')).toEqual(['2'])
  await world.sync('H/C/b', `s3://${name}`, DELETING)
  const { DeleteMarkers = [], Versions = [] } = await ceph.client.send(new ListObjectVersionsCommand({ Bucket: name }))
  expect(DeleteMarkers.map(({ Key, IsLatest }) => [Key, IsLatest])).toEqual([
    ['a', true],
    ['b', true],
  ])
  expect(Versions.length).toBe(3)
})

test('a bucket without versioning has nothing older, and what is no place in S3 is refused', async () => {
  await ceph.makeBucket('plain')
  await ceph.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: '1' }))
  const world = await s3World(ceph)
  await world.sync('s3://plain', 'H/C/a', HISTORY)
  expect(await pastOf(world, 'a')).toEqual(['1'])
  expect(await codeOf(world.sync('H/C/a', 's3://plain', HISTORY))).toBe('USAGE')
  expect(await codeOf(world.sync('s3://nothing-there', 'H/C/a', HISTORY))).toBe('NOT_FOUND')
})

test('pages of any length tell the same', async () => {
  const { name } = await versioned({ 'a b+c%/é\u{1F600}': ['1', '2', '-', '3'], a: ['1', '-', '2'], b: ['-', '1'] })
  const bucket = await openBucket(ceph.access, name)
  const told = async (rows: number): Promise<string[]> => {
    const all: string[] = []
    for await (const page of listStates(bucket, '', { rows }))
      all.push(...page.map(({ key, name, content }) => `${key} ${name} ${content?.size}`))
    return all
  }
  const whole = await told(1000)
  expect(whole.length).toBe(9)
  for (const rows of [1, 2, 3, 5]) expect(await told(rows)).toEqual(whole)
  bucket.client.destroy()
})
