import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { expect, test, vi } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { World } from '../e2e/world.js'
import type { Ceph } from '../tools/ceph.js'
import type { Fault, FaultyS3 } from '../tools/faulty-s3.js'
import { eachWithFaultyCeph } from './faulty-ceph.js'
import { s3World } from './s3-world.js'

const LARGE = noise(1, LIMITS.s3WholeBytesMax + 2 * 1024 * 1024)
let ceph: Ceph
let faulty: FaultyS3
let bucket: string

eachWithFaultyCeph('uploads', (at) => {
  ;({ ceph, faulty, bucket } = at)
})

async function isLarge(Key: string): Promise<boolean> {
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: bucket, Key }))
  return LARGE.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))
}

test('an upload that a run is sending is neither shared, nor given up, by another one', async () => {
  const world = new World({ ...ceph.env, AWS_ENDPOINT_URL: faulty.endpoint })
  const ended = (...args: string[]): Promise<number | null> =>
    new Promise((resolve) => world.start(...args).once('exit', resolve))
  world.write('files/large', LARGE)
  world.write('others/small', 'small')
  for (const [name, from] of [
    ['H/C/a', './files'],
    ['H/C/b', './others'],
  ] as const) {
    expect(await ended('bucket', 'create', name)).toBe(0)
    expect(await ended('sync', from, name)).toBe(0)
  }
  let goOn = (): void => undefined
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let isHeld = false
  faulty.fault = ({ query }) => {
    if (isHeld || !query.has('partNumber')) return undefined
    isHeld = true
    return { first: () => held }
  }
  const first = ended('sync', 'H/C/a', `s3://${bucket}/p`)
  await vi.waitFor(() => expect(isHeld).toBe(true), { timeout: 60_000, interval: 20 })
  setBack(world.dir)
  expect(await ended('sync', 'H/C/b', `s3://${bucket}/p`)).toBe(0)
  expect(await ended('sync', 'H/C/a', `s3://${bucket}/p`)).toBe(0)
  expect(await isLarge('p/large')).toBe(true)
  goOn()
  expect(await first).toBe(0)
  expect(await isLarge('p/large')).toBe(true)
})

/** As if no run had gone on with what is noted for longer than a day. */
function setBack(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const notes = names.filter((name) => /uploads\/[0-9a-f]{32}\.json$/.test(name)).map((name) => path.join(folder, name))
  expect(notes).toHaveLength(1)
  for (const at of notes) {
    const note: unknown = JSON.parse(readFileSync(at, 'utf8'))
    writeFileSync(at, JSON.stringify({ ...Object(note), startedMs: Date.now() - LIMITS.s3UploadMsMax - 1000 }))
  }
}

async function withLarge() {
  const { sync } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  makeFile(root, 'large', LARGE)
  makeFile(root, 'small', 'small')
  await sync(root, 'H/C/a')
  return { push: () => sync('H/C/a', `s3://${bucket}/p`) }
}

test('an object whose upload was completed, and the answer lost, is there', async () => {
  const { push } = await withLarge()
  let completes = 0
  faulty.fault = ({ method, query }): Fault | undefined => {
    if (method !== 'POST' || !query.has('uploadId')) return undefined
    return completes++ === 0 ? { lost: true } : { status: 404, refusal: 'NoSuchUpload' }
  }
  expect((await push()).parked).toEqual([])
  expect(completes).toBeGreaterThan(1)
  expect(await isLarge('p/large')).toBe(true)
})

test.each(['PUT', 'POST'])(
  'where an upload is gone (%s) its object is left out, and the next run brings it',
  async (at) => {
    const { push } = await withLarge()
    faulty.fault = ({ method, query }) =>
      method === at && query.has('uploadId') ? { status: 404, refusal: 'NoSuchUpload' } : undefined
    const { parked, counts } = await push()
    expect(parked.map(({ key }) => key)).toEqual(['large'])
    expect(counts.objectsPublished).toBe(1)
    faulty.fault = () => undefined
    expect((await push()).parked).toEqual([])
    expect(await isLarge('p/large')).toBe(true)
  },
)
