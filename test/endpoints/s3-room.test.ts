import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { App } from '../../src/app/app.js'
import { makePlan } from '../../src/app/plan/make.js'
import { checkEndpoint } from '../../src/app/s3/check.js'
import type { Finding } from '../../src/model/finding.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { DELETING, s3World } from './s3-world.js'

const BUCKET = 'room'
let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket(BUCKET)
}, 200_000)
afterAll(() => ceph.end())

const { signal } = new AbortController()

async function keys(Prefix = ''): Promise<string[]> {
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }))
  return Contents.map(({ Key = '' }) => Key)
}

const put = (Key: string) => ceph.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }))

/** A world with an object in H/C/a. */
async function worldWithOne() {
  const world = await s3World(ceph)
  const root = emptyFolder()
  makeFile(root, 'a', 'a')
  await world.sync(root, 'H/C/a')
  return world
}

async function planned(app: App, to: string): Promise<void> {
  const request = { from: 'H/C/a', to, policy: DELETING.policy, guard: { force: true } }
  await makePlan(app, request, signal, { head: async () => undefined, steps: async () => undefined })
}

test('nothing is written among the objects of a segment, nor in their place; all can be read', async () => {
  const { app, sync, verify } = await worldWithOne()
  await sync('H/C/a', `s3+segment://${BUCKET}/seg/one`)
  const before = await keys()
  const segment = `s3+segment://${BUCKET}/seg/one/`
  for (const [to, message] of [
    [`s3+segment://${BUCKET}/seg/one/packs/x`, `among the objects of the segment ${segment}`],
    [`s3+segment://${BUCKET}/seg/one/journal`, `among the objects of the segment ${segment}`],
    [`s3://${BUCKET}/seg/one/index/0`, `among the objects of the segment ${segment}`],
    [`s3://${BUCKET}/seg/one`, `is the segment ${segment}`],
  ] as const) {
    const refused = {
      code: 'USAGE',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('prefix'),
    }
    await expect(sync('H/C/a', to, DELETING)).rejects.toMatchObject(refused)
    await expect(planned(app, to)).rejects.toMatchObject(refused)
    const found: Finding[] = []
    expect(await checkEndpoint(app, to, async (finding) => void found.push(finding), signal)).toBe(false)
    expect(found).toMatchObject([{ test: 'put', outcome: 'fail', text: expect.stringContaining(message) }])
  }
  expect(await keys()).toEqual(before)
  expect((await sync(`s3://${BUCKET}/seg/one/segment`, 'H/C/b')).counts.objectsPublished).toBe(1)
  expect(await verify('H/C/a', segment)).toMatchObject({ differences: 0 })
})

test('a segment that stands below what is made like a bucket is deleted only where that is meant', async () => {
  const { sync, verify } = await worldWithOne()
  await sync('H/C/a', `s3+segment://${BUCKET}/above/archive`)
  await put('above/old')
  const above = `s3://${BUCKET}/above`
  await expect(
    sync('H/C/a', above, { ...DELETING, guard: { force: false, maxDelete: { percent: 100 } } }),
  ).rejects.toThrow(`stopped by the guard: the segment in S3 ${above}/archive would be deleted`)
  expect(await verify('H/C/a', `s3+segment://${BUCKET}/above/archive`)).toMatchObject({ differences: 0 })
  expect(await keys('above/old')).toEqual(['above/old'])
  await sync('H/C/a', above, { ...DELETING, guard: { force: true } })
  expect(await keys('above/')).toEqual(['above/a'])
})

test.each([
  ['sizes', { rules: [], bytesLeast: 100 }],
  ['a rule', { rules: [{ keep: false, pattern: 'segment/' }] }],
])('nor where a filter by %s leaves its marker alone and not its packs', async (_, filter) => {
  const { sync, verify } = await worldWithOne()
  const segment = `s3+segment://${BUCKET}/filtered/archive`
  const root = emptyFolder()
  makeFile(root, 'large', noise(1, 100_000))
  await sync(root, 'H/C/a')
  await sync('H/C/a', segment)
  await put('filtered/else')
  const how = { ...DELETING, filter, guard: { force: false, maxDelete: { percent: 100 } } }
  await expect(sync('H/C/b', `s3://${BUCKET}/filtered`, how)).rejects.toThrow(
    `stopped by the guard: the segment in S3 s3://${BUCKET}/filtered/archive would be deleted`,
  )
  expect(await verify('H/C/a', segment)).toMatchObject({ differences: 0 })
})

test('where nothing stands around it a prefix of such a name will do', async () => {
  const { sync, verify } = await worldWithOne()
  await sync('H/C/a', `s3+segment://${BUCKET}/packs/journal`)
  await sync('H/C/a', `s3://${BUCKET}/claims/plain`)
  expect(await verify('H/C/a', `s3+segment://${BUCKET}/packs/journal`)).toMatchObject({ differences: 0 })
  expect(await verify('H/C/a', `s3://${BUCKET}/claims/plain`)).toMatchObject({ differences: 0 })
})

test.each(['journal/0/x', 'packs/holiday.jpg', 'claims/report.pdf', 'packs/segment/00000000000000000000000000000000'])(
  'no segment is made around %s of somebody else, and the whole address is named',
  async (key) => {
    const { sync } = await worldWithOne()
    const prefix = `taken-${key.replaceAll(/[^a-z]/g, '')}`
    await put(`${prefix}/${key}`)
    await expect(sync('H/C/a', `s3+segment://${BUCKET}/${prefix}`)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(`s3://${BUCKET}/${prefix}/${key} is no object of a segment`),
      hint: expect.stringContaining('another prefix'),
    })
    expect(await keys(`${prefix}/`)).toEqual([`${prefix}/${key}`])
  },
)

test.each(['index/0/x', 'claims/report.pdf'])('%s that came into a segment is named and left alone', async (key) => {
  const { sync } = await worldWithOne()
  const prefix = `mixed-${key.slice(0, 5)}`
  await sync('H/C/a', `s3+segment://${BUCKET}/${prefix}`)
  await put(`${prefix}/${key}`)
  const root = emptyFolder()
  makeFile(root, 'more', noise(7, 5000))
  await sync(root, 'H/C/a')
  await expect(sync('H/C/a', `s3+segment://${BUCKET}/${prefix}`)).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining(`s3://${BUCKET}/${prefix}/${key} is no object of a segment`),
  })
  expect(await keys(`${prefix}/${key}`)).toEqual([`${prefix}/${key}`])
})
