import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { deleteObject, readObject } from '../../src/app/objects/objects.js'
import { putObject } from '../../src/app/objects/put.js'
import { createService } from '../../src/app/services/services.js'
import { serve } from '../../src/app/services/serving.js'
import { syncService } from '../../src/app/services/sync.js'
import { createName } from '../../src/app/system/names.js'
import { newStats } from '../../src/app/watch.js'
import { codeOf } from '../endpoints/s3-world.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'

const BUCKET = 'H/C/a'
const { signal } = new AbortController()
let ceph: Ceph
let faulty: FaultyS3
let app: App

beforeAll(async () => {
  ceph = await startCeph()
  Object.assign(process.env, ceph.env)
  faulty = await startFaultyS3(ceph.access.endpoint)
}, 200_000)
afterAll(async () => {
  await faulty.end()
  await ceph.end()
})

async function open(s3: string): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-broken-off-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const homes = { home: path.join(dir, 'home'), config: path.join(dir, 'config') }
  app = openApp({ ...homes, note: () => undefined, s3Endpoint: faulty.endpoint })
  await ceph.makeBucket(s3)
  await createName(app, 'bucket', BUCKET, {}, { parents: true })
  await createService(app, 'isgw', 'm', { 'X-ISGW-Remote': `s3://${s3}/place`, 'X-ISGW-Direction': 'both' })
  await serve(app, { service: 'm', path: BUCKET, pause: false, create: false })
}

const sync = (until: AbortSignal) => syncService(app, { name: 'm', force: false }, until, async () => undefined)

const remove = (key: string) => deleteObject(app, `${BUCKET}/${key}`)

async function put(key: string, body: string): Promise<void> {
  const stream = (async function* () {
    yield Buffer.from(body)
  })()
  await putObject(app, `${BUCKET}/${key}`, { stream }, { stats: newStats(), signal })
}

async function read(key: string): Promise<string> {
  const pieces: string[] = []
  await readObject(
    app,
    { path: `${BUCKET}/${key}` },
    signal,
    async (piece) => void pieces.push(`${Buffer.from(piece)}`),
  )
  return pieces.join('')
}

const putBehind = (Bucket: string, key: string, Body: string) =>
  ceph.client.send(new PutObjectCommand({ Bucket, Key: `place/${key}`, Body }))

/** What is there, with its content. */
async function objects(Bucket: string): Promise<Record<string, string>> {
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket }))
  const all: Record<string, string> = {}
  for (const { Key = '' } of Contents) {
    const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket, Key }))
    all[Key.replace('place/', '')] = (await Body?.transformToString()) ?? ''
  }
  return all
}

/** A pass that ends when S3 has all of these and before it has heard so. */
async function breakOff(keys: readonly string[]): Promise<void> {
  const stop = new AbortController()
  const given = new Set<string>()
  faulty.fault = ({ method, path: at }) => {
    const key = at.replace(/.*\//, '')
    if (method !== 'PUT' || !keys.includes(key)) return undefined
    const headers = (answer: IncomingHttpHeaders): IncomingHttpHeaders => {
      if (given.add(key).size === keys.length) stop.abort()
      return answer
    }
    return { headers, delayMs: 1000 }
  }
  await expect(sync(stop.signal)).rejects.toThrow()
  faulty.fault = () => undefined
}

test('what a pass gave that ended before it noted so is no news from S3: what was changed and deleted here since goes there', async () => {
  await open('broken-off')
  for (const key of ['changed', 'deleted', 'theirs']) await put(key, 'agreed')
  await sync(signal)
  const all = ['changed', 'changed-new', 'deleted', 'deleted-new', 'emptied', 'same', 'theirs']
  for (const key of all) await put(key, key === 'emptied' ? '' : 'given')
  await breakOff(all)
  expect(Object.keys(await objects('broken-off'))).toEqual(all)
  for (const key of ['changed', 'changed-new', 'emptied']) await put(key, 'newest')
  for (const key of ['deleted', 'deleted-new', 'theirs']) await remove(key)
  await putBehind('broken-off', 'theirs', 'from S3')
  await sync(signal)
  const newest = { changed: 'newest', 'changed-new': 'newest', emptied: 'newest' }
  expect(await objects('broken-off')).toEqual({ ...newest, same: 'given', theirs: 'from S3' })
  for (const key of Object.keys(newest)) expect(await read(key)).toBe('newest')
  for (const key of ['deleted', 'deleted-new']) expect(await codeOf(read(key))).toBe('NOT_FOUND')
  expect(await read('theirs')).toBe('from S3')
  // Once it is noted, the same content from somebody else is news again.
  await remove('same')
  await sync(signal)
  await putBehind('broken-off', 'same', 'given')
  await sync(signal)
  expect(await read('same')).toBe('given')
})
