import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { World } from './world.js'

const BUCKET = 'closed'
let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket(BUCKET)
}, 200_000)
afterAll(() => ceph.end())

async function deny(action: string, key: string): Promise<void> {
  const statement = {
    Effect: 'Deny',
    Principal: '*',
    Action: `s3:${action}`,
    Resource: [`arn:aws:s3:::${BUCKET}/${key}`],
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await ceph.client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }))
}

test('an object that is denied is named on stderr and in JSON with exit 4, both ways; wrong keys end with 8', async () => {
  const world = new World({ ...ceph.env })
  for (const Key of ['open', 'secret']) await ceph.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }))
  world.efs('bucket', 'create', 'H/C/b')
  await deny('GetObject', 'secret')
  const pull = () => world.efs('sync', `s3://${BUCKET}`, 'H/C/b')
  const pulled = pull()
  expect(pulled.stderr).toContain(`secret: cannot read s3://${BUCKET}/secret: access is denied (AccessDenied)\n`)
  expect(pulled.status).toBe(4)
  await deny('PutObject', 'new/secret')
  expect(pull().status).toBe(0)
  const json = world.efs('sync', 'H/C/b', `s3://${BUCKET}/new`, '--json')
  const lines = json.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(lines).toContainEqual({
    type: 'object',
    key: 'secret',
    status: 'parked',
    bytes: 0,
    why: `cannot write s3://${BUCKET}/new/secret: access is denied (AccessDenied)`,
  })
  expect(lines).toContainEqual(expect.objectContaining({ type: 'summary', published: 1, parked: 1 }))
  expect(json.status).toBe(4)
  await ceph.client.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }))
  expect(world.efs('sync', 'H/C/b', `s3://${BUCKET}/new`).status).toBe(0)
  const stranger = new World({ ...ceph.env, AWS_ACCESS_KEY_ID: 'nobody' })
  stranger.efs('bucket', 'create', 'H/C/b')
  const { status, stderr } = stranger.efs('sync', `s3://${BUCKET}`, 'H/C/b')
  expect(stderr).toBe(
    `efs: cannot list s3://${BUCKET}/: InvalidAccessKeyId\n     check the keys (efs credential list, the environment, the profile), and what they may do with this bucket\n`,
  )
  expect(status).toBe(8)
})
