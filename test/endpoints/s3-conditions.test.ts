import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { s3World } from './s3-world.js'

let ceph: Ceph
let faulty: FaultyS3

beforeAll(async () => {
  ceph = await startCeph()
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
})
afterEach(() => faulty.end())

test('a server that refuses what holds, as Ceph does of what keeps versions, is written to after a look', async () => {
  const Status = 'Enabled'
  await ceph.client.send(new CreateBucketCommand({ Bucket: 'refusing' }))
  await ceph.client.send(new PutBucketVersioningCommand({ Bucket: 'refusing', VersioningConfiguration: { Status } }))
  const { sync, verify } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  const write = async (text: string): Promise<void> => {
    for (const name of ['a', 'b', 'other']) makeFile(root, name, text)
    await sync(root, 'H/C/a')
  }
  await write('first')
  expect((await sync('H/C/a', 's3://refusing/p')).parked).toEqual([])
  await write('the second one')
  const somebodyElse = { Bucket: 'refusing', Key: 'p/other', Body: 'of somebody else' }
  faulty.fault = ({ method, path }) =>
    method === 'PUT' && path.endsWith('/p/other')
      ? { first: () => ceph.client.send(new PutObjectCommand(somebodyElse)) }
      : undefined
  const { parked } = await sync('H/C/a', 's3://refusing/p')
  expect(parked).toEqual([{ key: 'other', why: expect.stringContaining('changed here meanwhile') }])
  await write('the third one')
  faulty.fault = () => undefined
  expect((await sync('H/C/a', 's3://refusing/p')).parked).toEqual([])
  expect(await verify('H/C/a', 's3://refusing/p')).toMatchObject({ differences: 0, parked: [] })
})
