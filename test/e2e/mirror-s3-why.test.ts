import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { putObject } from '../../src/app/objects/put.js'
import { createService } from '../../src/app/services/services.js'
import { serve } from '../../src/app/services/serving.js'
import { syncService } from '../../src/app/services/sync.js'
import { createName } from '../../src/app/system/names.js'
import { newStats } from '../../src/app/watch.js'
import { explain } from '../../src/app/why/why.js'
import { type Ceph, startCeph } from '../tools/ceph.js'

const BUCKET = 'H/C/a'
let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('why')
}, 200_000)
afterAll(() => ceph.end())

const { signal } = new AbortController()

/** After a pass of a service between a bucket and a place in S3 with a fine object and one that cannot come in. */
async function passed(direction: 'receive' | 'both') {
  Object.assign(process.env, ceph.env)
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-why-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const homes = { home: path.join(dir, 'home'), config: path.join(dir, 'config') }
  const app = openApp({ ...homes, note: () => undefined, s3Endpoint: ceph.access.endpoint })
  for (const [key, Body] of [
    ['fine', 'fine'],
    ['full/', 'with content'],
  ] as const)
    await ceph.client.send(new PutObjectCommand({ Bucket: 'why', Key: `${direction}/${key}`, Body }))
  await createName(app, 'bucket', BUCKET, {}, { parents: true })
  await putObject(app, `${BUCKET}/here`, { stream: once('here') }, { stats: newStats(), signal })
  const values = { 'X-ISGW-Remote': `s3://why/${direction}`, 'X-ISGW-Direction': direction }
  await createService(app, 'isgw', 'm', values)
  await serve(app, { service: 'm', path: BUCKET, pause: false, create: false })
  await syncService(app, { name: 'm', force: true }, signal, async () => undefined)
  return app
}

async function* once(body: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body)
}

test.each(['receive', 'both'] as const)(
  'what does not come in from S3 is explained, of a service that goes %s',
  async (direction) => {
    const app = await passed(direction)
    expect(await explain(app, `${BUCKET}/full/`, signal)).toMatchObject({
      versions: [],
      services: [{ direction: 'receive', has: null, hold: expect.anything() }],
    })
    const { services } = await explain(app, `${BUCKET}/fine`, signal)
    expect(services).toMatchObject([{ direction: direction === 'both' ? 'send' : 'receive', hold: null }])
    await expect(explain(app, `${BUCKET}/nowhere`, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  },
)
