import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { checkEndpoint } from '../../src/app/s3/check.js'
import { s3Store } from '../../src/endpoints/s3/store.js'
import type { Finding } from '../../src/model/finding.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type Asked, startFaultyS3 } from '../tools/faulty-s3.js'

let ceph: Ceph
const never = new AbortController().signal

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('checked')
  Object.assign(process.env, ceph.env)
}, 200_000)
afterAll(() => ceph.end())

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'efs-check-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function found(
  address: string,
  s3Endpoint = ceph.access.endpoint,
): Promise<{ readonly isWell: boolean; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = []
  const app = openApp({ home: '/nowhere', note: () => undefined, s3Endpoint })
  const isWell = await checkEndpoint(app, address, async (finding) => void findings.push(finding), never)
  return { isWell, findings }
}

test('a folder passes, and nothing is left in it', async () => {
  const at = folder()
  const { isWell, findings } = await found(at)
  expect(isWell).toBe(true)
  expect(findings.map(({ test }) => test)).toEqual([
    ...['put', 'case', 'unicode', 'names', 'times', 'modes', 'links', 'xattrs', 'space', 'rate'],
  ])
  expect(readdirSync(at)).toEqual([])
})

test('a place in Ceph passes, and nothing is left in it', async () => {
  const { isWell, findings } = await found('s3://checked/below')
  expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([])
  expect(isWell).toBe(true)
  expect(findings.map(({ test }) => test)).toEqual([
    ...['put', 'range', 'order', 'conditions', 'parts', 'copies', 'metadata', 'versions', 'clock', 'rate'],
  ])
  await expectNothingLeft()
})

test.each([
  ['put', ({ method, path: at }: Asked) => method === 'GET' && at.endsWith('/put')],
  ['parts', ({ query }: Asked) => query.get('partNumber') === '2'],
])('where the test %s fails half way nothing is left either', async (failing, isDenied) => {
  const faulty = await startFaultyS3(ceph.access.endpoint)
  onTestFinished(() => faulty.end())
  faulty.fault = (asked) => (isDenied(asked) ? { status: 403 } : undefined)
  const { findings } = await found('s3://checked/failing', faulty.endpoint)
  expect(findings).toContainEqual(expect.objectContaining({ test: failing, outcome: 'fail' }))
  await expectNothingLeft()
})

async function expectNothingLeft(): Promise<void> {
  const store = await s3Store({ access: ceph.access, bucket: 'checked', prefix: '' })
  for await (const page of store.list()) expect(page).toEqual([])
  store.close()
  const { Uploads } = await ceph.client.send(new ListMultipartUploadsCommand({ Bucket: 'checked' }))
  expect(Uploads ?? []).toEqual([])
}

test('where nothing can be put one line says why, and the others are not tried', async () => {
  const { isWell, findings } = await found('s3://no-such-bucket')
  expect(isWell).toBe(false)
  expect(findings).toMatchObject([{ test: 'put', outcome: 'fail' }])
})

test('what is no endpoint of that kind is refused', async () => {
  await expect(found('Hawaii/Cola/bk1')).rejects.toMatchObject({ code: 'USAGE' })
  await expect(found('ccow://127.0.0.1:1/Hawaii/Cola/bk1')).rejects.toMatchObject({ code: 'USAGE' })
  await expect(found('/nowhere/at/all')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const at = folder()
  symlinkSync('nowhere', path.join(at, 'link'))
  await expect(found(path.join(at, 'link'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
