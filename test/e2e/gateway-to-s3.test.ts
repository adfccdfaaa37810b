import { GetObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { BUCKET, host } from './linked.js'
import { SECRET, Site } from './sites.js'
import { noise } from './world.js'

const MiB = 1024 * 1024
let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('through')
}, 200_000)
afterAll(() => ceph.end())

test('of a large object at a gateway that changed only that is fetched and sent to S3', async () => {
  const peer = await host()
  await peer.startGateway()
  const put = (bytes: Buffer): void => {
    peer.write('large', bytes)
    peer.ok('object', 'put', `${BUCKET}/below/large`, 'large')
  }
  const was = noise(1, 40 * MiB)
  put(was)
  const site = await Site.open(ceph.env)
  // Where there is a segment, it keeps what both sides agreed on.
  site.ok('system', 'init')
  site.write('secret', `${SECRET}\n`)
  const from = `ccow://${peer.address}/${BUCKET}/below/`
  const sync = () => site.summary('sync', from, 's3://through', '--auth-file', 'secret')
  expect(sync()).toMatchObject({ published: 1, bytesNew: was.length })
  const is = Buffer.concat([Buffer.from('!'), was.subarray(0, 39 * MiB)])
  put(is)
  const { published, bytesNew, bytesRead } = sync()
  expect(published).toBe(1)
  expect([Number(bytesNew), Number(bytesRead)].map((bytes) => bytes < 8 * MiB)).toEqual([true, true])
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: 'through', Key: 'large' }))
  expect(is.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true)
  await peer.endGateway()
})
