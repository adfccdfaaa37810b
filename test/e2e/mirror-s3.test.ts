import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { checkService } from '../../src/app/check/service-check.js'
import { runGateway } from '../../src/app/gateway/run.js'
import { runningGateway } from '../../src/app/gateway/state.js'
import { deleteObject, readObject } from '../../src/app/objects/objects.js'
import { putObject } from '../../src/app/objects/put.js'
import { createService, setKey } from '../../src/app/services/services.js'
import { serve } from '../../src/app/services/serving.js'
import { showService } from '../../src/app/services/shown.js'
import { type PassDone, syncService } from '../../src/app/services/sync.js'
import { createName } from '../../src/app/system/names.js'
import { wait } from '../../src/app/waiting/wait.js'
import { newStats } from '../../src/app/watch.js'
import { LIMITS } from '../../src/base/limits.js'
import { noise } from '../chunker/bytes.js'
import { codeOf } from '../endpoints/s3-world.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { toldInLog } from './log-told.js'

const BUCKET = 'H/C/a'
const { signal } = new AbortController()
const SOON = { timeout: 20_000, interval: 50 }
let ceph: Ceph
let faulty: FaultyS3
let nth = 0

beforeAll(async () => {
  ceph = await startCeph()
  Object.assign(process.env, ceph.env)
  Object.assign(LIMITS, { mirrorListMs: 300, mirrorFullTimes: 1, retryMsLeast: 100, retryMsMost: 500 })
  faulty = await startFaultyS3(ceph.access.endpoint)
}, 200_000)
beforeEach(() => {
  faulty.fault = () => undefined
})
afterAll(async () => {
  await faulty.end()
  await ceph.end()
})

/** A bucket and a place in S3, which a service keeps the same; `fill` is what is in S3 before. */
class Mirror {
  private constructor(
    readonly app: App,
    readonly s3: string,
  ) {}

  static async open(direction: string, fill: Readonly<Record<string, string | Buffer>> = {}): Promise<Mirror> {
    const dir = mkdtempSync(path.join(tmpdir(), 'efs-mirror-s3-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const home = path.join(dir, 'home')
    const app = openApp({ home, config: path.join(dir, 'config'), note: () => undefined, s3Endpoint: faulty.endpoint })
    const mirror = new Mirror(app, `mirror-${nth++}`)
    await ceph.makeBucket(mirror.s3)
    for (const [key, body] of Object.entries(fill)) await mirror.putBehind(key, body)
    await createName(app, 'bucket', BUCKET, {}, { parents: true })
    const values = { 'X-ISGW-Remote': `s3://${mirror.s3}/some/place`, 'X-ISGW-Direction': direction }
    await createService(app, 'isgw', 'm', values)
    await serve(app, { service: 'm', path: BUCKET, pause: false, create: false })
    return mirror
  }

  async startGateway(): Promise<void> {
    await setKey(this.app, 'm', 'X-Status', 'enabled', async () => '')
    const stop = new AbortController()
    const gateway = runGateway(this.app, { version: 'test', tell: () => undefined, signal: stop.signal })
    onTestFinished(async () => {
      stop.abort()
      await gateway
    })
    await vi.waitFor(() => expect(runningGateway(this.app.home)?.ready).toBe(true), SOON)
  }

  async put(key: string, body: string | Buffer, options: Record<string, string> = {}): Promise<void> {
    await putObject(this.app, `${BUCKET}/${key}`, { stream: once(body) }, { stats: newStats(), signal }, options)
  }

  remove = (key: string) => deleteObject(this.app, `${BUCKET}/${key}`)

  async read(key: string): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    const request = { path: `${BUCKET}/${key}` }
    await readObject(this.app, request, signal, async (piece) => void pieces.push(Buffer.from(piece)))
    return Buffer.concat(pieces)
  }

  /** Until both sides have all; nothing is held up. */
  async wait() {
    const { arrived, heldUp } = await wait(this.app, { service: 'm', timeoutMs: 30_000 }, signal, () => undefined)
    expect(heldUp).toEqual([])
    return arrived
  }

  async lastError(): Promise<string | undefined> {
    const { served } = await showService(this.app, 'm', { stats: true })
    return served[0]?.stats?.lastError?.message
  }

  /** What is there, with its content. */
  async objects(): Promise<Record<string, string>> {
    const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: this.s3 }))
    const all: Record<string, string> = {}
    for (const { Key = '' } of Contents) {
      const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: this.s3, Key }))
      all[Key.replace(/^some\/place\//, '')] = (await Body?.transformToString()) ?? ''
    }
    return all
  }

  putBehind = (key: string, Body: string | Buffer) =>
    ceph.client.send(new PutObjectCommand({ Bucket: this.s3, Key: `some/place/${key}`, Body }))

  removeBehind = (key: string) =>
    ceph.client.send(new DeleteObjectCommand({ Bucket: this.s3, Key: `some/place/${key}` }))
}

async function* once(body: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body)
}

test('a bucket is kept the same in S3 from its journal: what is put, changed and deleted arrives there', async () => {
  const mirror = await Mirror.open('send')
  await mirror.put('a/f', 'a file', { Owner: 'me' })
  await mirror.put('large', noise(1, 300_000))
  await mirror.startGateway()
  expect(await mirror.wait()).toMatchObject([{ at: `s3://${mirror.s3}/some/place/`, objects: 2 }])
  expect(await mirror.objects()).toMatchObject({ 'a/f': 'a file' })
  await mirror.put('a/f', 'changed', { Owner: 'you' })
  await mirror.put('odd/é +%2F', 'g')
  await mirror.remove('large')
  await mirror.wait()
  expect(await mirror.objects()).toEqual({ 'a/f': 'changed', 'odd/é +%2F': 'g' })
  const told = `${BUCKET} to s3://${mirror.s3}/some/place/: not kept: 1 option (Owner of a/f)`
  expect(await toldInLog(mirror.app, 'not kept')).toEqual([told])
})

test('both ways: what others write and delete in S3 is found by listing, and nothing goes to and fro', async () => {
  const mirror = await Mirror.open('both', { 'x/y': 'from S3', large: noise(2, 300_000) })
  await mirror.put('here', 'from here')
  await mirror.startGateway()
  await mirror.wait()
  expect((await mirror.read('large')).equals(noise(2, 300_000))).toBe(true)
  expect(`${await mirror.read('x/y')}`).toBe('from S3')
  expect(await mirror.objects()).toMatchObject({ here: 'from here' })
  await mirror.putBehind('x/y', 'changed behind')
  await mirror.putBehind('new', 'new')
  await mirror.removeBehind('here')
  await mirror.wait()
  expect(`${await mirror.read('x/y')}`).toBe('changed behind')
  expect(`${await mirror.read('new')}`).toBe('new')
  expect(await codeOf(mirror.read('here'))).toBe('NOT_FOUND')
  await mirror.remove('x/y')
  await mirror.put('new', 'newer')
  await mirror.wait()
  const { large: _, ...small } = await mirror.objects()
  expect(small).toEqual({ new: 'newer' })
  // Passes over what both agree on write nothing.
  const listed = faulty.asked.length
  await vi.waitFor(() => expect(faulty.asked.length).toBeGreaterThan(listed + 6), SOON)
  expect(new Set(faulty.asked.slice(listed).map(({ method }) => method))).toEqual(new Set(['GET']))
})

test('of a large object that came from S3 and was changed here only that is sent', async () => {
  const body = noise(3, 40 * 1024 * 1024)
  const mirror = await Mirror.open('both', { large: body })
  await mirror.startGateway()
  await mirror.wait()
  faulty.asked.length = 0
  const changed = Buffer.concat([Buffer.from('!'), body])
  await mirror.put('large', changed)
  await mirror.wait()
  expect(faulty.asked.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(8 * 1024 * 1024)
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: mirror.s3, Key: 'some/place/large' }))
  expect(changed.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true)
  const listed = faulty.asked.length
  await vi.waitFor(() => expect(faulty.asked.length).toBeGreaterThan(listed + 6), SOON)
  expect(new Set(faulty.asked.slice(listed).map(({ method }) => method))).toEqual(new Set(['GET']))
})

/** As a server would answer that has lost all. */
const emptied = (body: Buffer): Buffer =>
  Buffer.from(
    body
      .toString()
      .replaceAll(/<Contents>.*<\/Contents>/gs, '')
      .replace(/<KeyCount>\d+/, '<KeyCount>0'),
  )

test.each([
  ['is refused', { status: 403 }, /cannot list/],
  ['is cut', { body: (body: Buffer) => body.subarray(0, 200) }, /cannot list/],
  ['is empty of a sudden', { body: emptied }, /stopped by the guard/],
])('a listing that %s deletes nothing, is told, and is tried again', async (_, fault, told) => {
  const mirror = await Mirror.open('receive', { a: 'a', b: 'b', c: 'c' })
  await mirror.startGateway()
  await mirror.wait()
  faulty.fault = ({ isListing }) => (isListing ? fault : undefined)
  await vi.waitFor(async () => expect(await mirror.lastError()).toMatch(told), SOON)
  for (const key of ['a', 'b', 'c']) expect(`${await mirror.read(key)}`).toBe(key)
  faulty.fault = () => undefined
  await mirror.putBehind('d', 'd')
  await mirror.wait()
  expect(`${await mirror.read('d')}`).toBe('d')
})

test('one pass needs no gateway; a check says what is there; a bucket of S3 that is missing fails both', async () => {
  const mirror = await Mirror.open('both', { a: 'a' })
  await mirror.put('b', 'b', { Owner: 'me' })
  const passes: PassDone[] = []
  const sync = () =>
    syncService(mirror.app, { name: 'm', force: false }, signal, async (pass) => void passes.push(pass))
  const said: string[] = []
  const check = () =>
    checkService(mirror.app, 'm', async ({ test, text }) => void said.push(`${test}: ${text}`), signal)
  expect(await check()).toBe(true)
  expect(said.join('\n')).toContain(`s3: s3://${mirror.s3}/some/place/ is listed: there is something`)
  await sync()
  expect(passes).toMatchObject([
    { from: `s3://${mirror.s3}/some/place/`, to: BUCKET, applied: 1, notKept: [] },
    { from: BUCKET, to: `s3://${mirror.s3}/some/place/`, applied: 1, notKept: [{ first: 'Owner of b' }] },
  ])
  expect(await mirror.objects()).toEqual({ a: 'a', b: 'b' })
  await setKey(mirror.app, 'm', 'X-ISGW-Remote', 's3://not-there', async () => '')
  expect(await check()).toBe(false)
  await expect(sync()).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('an object that may not be written, or read, waits on its own until it may, and is named', async () => {
  const mirror = await Mirror.open('both', { secret: 'from S3', fine: 'from S3' })
  const denied = { status: 403, refusal: 'AccessDenied' }
  faulty.fault = ({ method, path: at }) => (/GET.*\/secret$|PUT.*\/mine$/.test(method + at) ? denied : undefined)
  await mirror.put('mine', 'from here')
  await mirror.put('other', 'from here')
  await mirror.startGateway()
  const { heldUp } = await wait(mirror.app, { service: 'm', timeoutMs: 30_000 }, signal, () => undefined)
  expect(heldUp.map(({ path: at }) => at).sort()).toEqual([`${BUCKET}/mine`, `${BUCKET}/secret`])
  for (const { why } of heldUp) expect(why).toContain('access is denied (AccessDenied)')
  expect(`${await mirror.read('fine')}`).toBe('from S3')
  faulty.fault = () => undefined
  await vi.waitFor(async () => expect(`${await mirror.read('secret')}`).toBe('from S3'), SOON)
  const both = { mine: 'from here', secret: 'from S3' }
  await vi.waitFor(async () => expect(await mirror.objects()).toMatchObject(both), SOON)
})
