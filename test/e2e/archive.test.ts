import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Outcome } from '../../src/app/check/outcome.js'
import { checkService } from '../../src/app/check/service-check.js'
import { setKey } from '../../src/app/services/services.js'
import { explain } from '../../src/app/why/why.js'
import { LIMITS } from '../../src/base/limits.js'
import { codeOf } from '../endpoints/s3-world.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { BUCKET, Side } from './archives.js'
import { noise } from './world.js'

const { signal } = new AbortController()
const SOON = { timeout: 20_000, interval: 50 }
let ceph: Ceph
let proxy: FaultyS3
let nth = 0

beforeAll(async () => {
  ceph = await startCeph()
  Object.assign(process.env, ceph.env)
  proxy = await startFaultyS3(ceph.access.endpoint)
}, 200_000)
afterAll(async () => {
  await proxy.end()
  await ceph.end()
})

/** A place in S3 with nothing in it. */
async function place(): Promise<string> {
  const bucket = `arch.ive-${nth++}`
  await ceph.makeBucket(bucket)
  return `s3+segment://${bucket}/hawaii`
}

async function checked({ app }: Side): Promise<Outcome[]> {
  const all: Outcome[] = []
  await checkService(app, 's3', async (outcome) => void all.push(outcome), signal)
  return all
}

test('what cannot be is refused in words, before anything runs', async () => {
  const remote = await place()
  const b = await Side.open(ceph.env, remote, 'receive')
  const refused = (...args: string[]) => {
    const { status, stderr } = b.site.efs(...args)
    return [status, ...stderr.trimEnd().split('\n')]
  }
  expect(refused('service', 'create', 'isgw', 'x', '--remote', `${remote}#${BUCKET}`)).toEqual([
    2,
    `efs: not the address of a peer: ${remote}#${BUCKET} (which bucket is which is said by bucket attach --as)`,
    `     did you mean ${remote}/?`,
  ])
  expect(refused('bucket', 'attach', BUCKET, 's3')).toEqual([
    3,
    `efs: no segment in ${remote}/`,
    '     it is made by the first that sends there',
  ])
  const a = await Side.open(ceph.env, remote, 'send')
  await a.attach()
  await a.put('f', 'a file')
  expect(await a.sync()).toMatchObject([{ to: `${remote}/#${BUCKET}`, offered: 1, applied: 1 }])
  expect(await a.sync()).toMatchObject([{ offered: 0, applied: 0 }])
  expect(refused('bucket', 'attach', BUCKET, 's3', '--as', 'Hawaii/Cola/bk7')).toEqual([
    3,
    `efs: no bucket Hawaii/Cola/bk7 in ${remote}/`,
    `     there is ${BUCKET}`,
  ])
  expect(refused('bucket', 'attach', 'Hawaii/Cola', 's3', '--as', 'Hawaii/Coal')).toEqual([
    3,
    `efs: no tenant Hawaii/Coal in ${remote}/`,
    '     there is Hawaii/Cola',
  ])
  await b.attach({ as: 'Hawaii/Cola/bk7', create: true })
  expect(b.site.ok('service', 'check', 's3').stdout).toMatch(
    new RegExp(
      [
        '^✔ name        isgw, receive, initial\\+continuous, 1 bucket',
        `✔ s3          ${remote}/ is listed`.replace('+', '\\+'),
        '✔ peer        segment [0-9A-F]{4}-[0-9A-F]{4} is there',
        '✔ rights      read Hawaii/Cola/bk7',
        `✔ buckets     ${BUCKET} is here, Hawaii/Cola/bk7 is there\n$`,
      ].join('\n'),
    ),
  )
})

test('who only receives needs no right to write, and who may do nothing is told so', async () => {
  const remote = await place()
  const env = { ...ceph.env, AWS_ENDPOINT_URL: proxy.endpoint }
  const [a, b] = [await Side.open(ceph.env, remote, 'send'), await Side.open(env, remote, 'receive')]
  await a.attach()
  // More than is merged at once.
  for (let n = 0; n < LIMITS.factsMergeLeast + 3; n++) {
    await a.put(`f${n}`, 'a file')
    if (n < LIMITS.factsMergeLeast) await a.sync()
  }
  proxy.fault = ({ method }) => (method === 'GET' ? undefined : { status: 403, refusal: 'AccessDenied' })
  onTestFinished(() => {
    proxy.fault = () => undefined
  })
  await b.attach()
  expect((await b.sync()).map(({ applied }) => applied)).toEqual([LIMITS.factsMergeLeast])
  const findings = await checked(b)
  expect(findings.filter(({ outcome }) => outcome !== 'pass')).toEqual([])

  await setKey(b.app, 's3', 'X-ISGW-Direction', 'both', async () => '')
  expect((await checked(b)).filter(({ outcome }) => outcome === 'fail')).toMatchObject([
    { test: 's3', text: expect.stringMatching(/^cannot write .*AccessDenied/) },
  ])
  await b.put('own', 'x')
  expect(await codeOf(b.sync())).toBe('REFUSED')
  proxy.fault = () => ({ status: 403, refusal: 'AccessDenied' })
  expect((await b.attach({ as: 'Hawaii/Cola/other' })).notes).toMatchObject([
    expect.stringMatching(/^the segment in S3 was not asked: cannot list .*AccessDenied/),
  ])
  const { services } = await explain(b.app, `${BUCKET}/own`, signal)
  expect(services).toMatchObject([{ asked: false, hold: { cause: 'no-gateway' } }])
})

test('both ways: both that write one key are kept, nothing goes to and fro, and at rest S3 is only looked at', async () => {
  const before = { ...LIMITS }
  onTestFinished(() => void Object.assign(LIMITS, before))
  Object.assign(LIMITS, { archiveLookMsLeast: 100, archiveLookMsMost: 400, retryMsLeast: 100, retryMsMost: 500 })
  const remote = await place()
  const env = { ...ceph.env, AWS_ENDPOINT_URL: proxy.endpoint }
  const [a, b] = [await Side.open(env, remote, 'both'), await Side.open(env, remote, 'both')]
  for (const side of [a, b]) await side.attach()
  await a.put('k', 'of a')
  await b.put('k', 'of b')
  await a.put('only-a', '1')
  await b.put('only-b', '2')
  const ends = [await a.gatewayHere(), await b.gatewayHere()]
  await expect.poll(async () => (await a.conflicts()).length, SOON).toBe(1)
  await a.wait()
  await b.wait()
  await a.wait()
  expect(await b.conflicts()).toEqual([`${BUCKET}/k`])
  expect(a.site.ok('verify', BUCKET, `segment:${b.site.at('home')}#${BUCKET}`).stderr).toMatch(/^✔ equal: 3 objects/)
  const applied = async () => [(await a.numbers()).versionsApplied, (await b.numbers()).versionsApplied]
  await expect.poll(applied, SOON).toEqual([4, 4])

  const was = proxy.asked.length
  await expect.poll(() => proxy.asked.length - was, SOON).toBeGreaterThan(12)
  expect(proxy.asked.slice(was).every(({ isListing }) => isListing)).toBe(true)
  expect(await applied()).toEqual([4, 4])
  for (const end of ends) await end()

  // What was made anew in its place is another segment: all is brought there again.
  const [, bucket = ''] = /^s3\+segment:\/\/([^/]+)/.exec(remote) ?? []
  await ceph.removeBucket(bucket)
  await ceph.makeBucket(bucket)
  expect((await a.sync()).map(({ applied: n }) => n)).toEqual([4, 0])
  expect((await b.sync()).map(({ applied: n }) => n)).toEqual([0, 0])
})
test('one site sends, another receives, and neither knows of the other: through a power cut and with S3 away', async () => {
  const remote = await place()
  const a = await Side.open(ceph.env, remote, 'send')
  await a.attach()
  await a.put('d/f', 'a file')
  await a.put('large', noise(1, 300_000))
  await a.site.startGateway()
  expect(await a.wait()).toEqual([`2 ${remote}/#${BUCKET}`])
  const b = await Side.open(ceph.env, remote, 'receive')
  await b.attach()
  await b.site.startGateway()
  expect(await b.wait()).toEqual([`2 ${BUCKET}`])
  expect(b.read('d/f')).toBe('a file')
  expect(a.site.ok('verify', BUCKET, `segment:${b.site.at('home')}#${BUCKET}`).stderr).toMatch(/^✔ equal: 2 objects/)

  await a.remove('large')
  await a.put('d/f', 'changed')
  await a.wait()
  await b.wait()
  expect(b.read('d/f')).toBe('changed')
  expect(b.site.efs('object', 'get', `${BUCKET}/large`, '-').status).toBe(3)
  // They are written a moment later.
  const sent = { versionsApplied: 4, versionsThere: 0, behind: { objects: 0, bytes: 0 }, dataChunksReceived: 0 }
  await expect.poll(() => a.numbers(), SOON).toMatchObject({ ...sent, lastError: null })
  const received = { versionsApplied: 4, dataChunksSent: 0, bytesSent: 0, lastError: null }
  await expect.poll(() => b.numbers(), SOON).toMatchObject(received)

  await b.site.endGateway('SIGKILL')
  await a.put('while-away', 'x')
  await a.wait()
  await ceph.off()
  await a.put('while-s3-is-away', 'y')
  const { status, stderr } = a.site.efs('wait', 's3', '--timeout', '2s')
  expect([status, stderr]).toEqual([7, expect.stringMatching(/^efs: cannot list s3:/)])
  await expect.poll(async () => (await a.numbers()).behind.objects, SOON).toBe(1)
  await a.site.endGateway('SIGKILL')
  await a.site.startGateway()
  await ceph.on()
  await a.wait()
  await b.site.startGateway()
  await b.wait()
  expect([b.read('while-away'), b.read('while-s3-is-away')]).toEqual(['x', 'y'])
  const began = performance.now()
  await b.site.endGateway()
  expect(performance.now() - began).toBeLessThan(5000)
})

test('a plan for what is not there yet says what would be put, makes nothing, and can be applied', async () => {
  const remote = await place()
  const { site, put } = await Side.open(ceph.env, remote, 'send')
  await put('f', 'a file')
  const verified = () => site.efs('verify', BUCKET, remote)
  const planned = site.ok('sync', BUCKET, remote, '--dry-run')
  expect(planned.stdout).toBe('put 6 f\n')
  site.write('plan.json', site.ok('plan', BUCKET, remote, '--json').stdout)
  expect(verified()).toMatchObject({ status: 3, stderr: expect.stringMatching(/^efs: no segment in s3\+segment:/) })
  site.ok('apply', 'plan.json')
  expect(verified().status).toBe(0)
  expect(site.efs('apply', 'plan.json').status).toBe(5)
  expect(site.ok('plan', BUCKET, `${remote}#Hawaii/Cola/bk2`).stdout).toBe('put 6 f\n')
  const nowhere = site.efs('plan', BUCKET, 's3+segment://not-made/hawaii')
  expect(nowhere).toMatchObject({ status: 3, stderr: expect.stringContaining('NoSuchBucket') })
})
