import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import type { Ceph } from '../tools/ceph.js'
import type { Asked, Fault, FaultyS3 } from '../tools/faulty-s3.js'
import { eachWithFaultyCeph } from './faulty-ceph.js'
import { codeOf, DELETING, s3World } from './s3-world.js'

const LARGE = LIMITS.s3WholeBytesMax + 2 * 1024 * 1024
let ceph: Ceph
let faulty: FaultyS3
let bucket: string

eachWithFaultyCeph('refused', (at) => {
  ;({ ceph, faulty, bucket } = at)
})

const world = () => s3World(ceph, faulty.endpoint)
const put = (Key: string, Body: string | Buffer) =>
  ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
const keysOf = (parked: readonly { readonly key: string }[]): string[] => parked.map(({ key }) => key).sort()

const isOf = ({ method, path: at, query }: Asked, name: string, ...methods: string[]): boolean =>
  at.endsWith(`/${name}`) && methods.includes(method) && !query.has('list-type')

const OF_ONE: readonly [name: string, fault: Fault, told: RegExp][] = [
  ['an archive', { status: 403, refusal: 'InvalidObjectState' }, /stands in an archive and has to be restored first/],
  ['a key that is disabled', { status: 400, refusal: 'KMS.DisabledException' }, /KMS\.DisabledException/],
  [
    'a word of its own',
    { status: 403, refusal: 'RetentionPolicyNotMet' },
    /access is denied \(RetentionPolicyNotMet\)/,
  ],
  ['no word', { status: 403 }, /access is denied/],
]

test.each(OF_ONE)('of %s only the object is left out, small or large', async (_, fault, told) => {
  const { sync } = await world()
  for (const key of ['fine', 'no']) await put(key, key)
  await put('large', noise(4, LARGE))
  faulty.fault = (asked) => (isOf(asked, 'no', 'GET') || isOf(asked, 'large', 'GET') ? fault : undefined)
  const { parked, counts } = await sync(`s3://${bucket}`, 'H/C/a')
  expect(keysOf(parked)).toEqual(['large', 'no'])
  for (const { why } of parked) expect(why).toMatch(told)
  expect(counts.objectsPublished).toBe(1)
})

const OF_ALL: readonly (readonly [refusal: string, status: number])[] = [
  ['InvalidAccessKeyId', 403],
  ['SignatureDoesNotMatch', 403],
  ['RequestTimeTooSkewed', 403],
  ['AccountProblem', 403],
  ['UserSuspended', 403],
  ['ExpiredToken', 400],
  ['InvalidToken', 400],
]

test.each(OF_ALL)('%s ends the run, whatever was asked', async (refusal, status) => {
  const { sync } = await world()
  const root = emptyFolder()
  for (const name of ['changed', 'gone', 'no']) makeFile(root, name, 'first')
  await sync(root, 'H/C/a')
  await sync('H/C/a', `s3://${bucket}`)
  faulty.fault = (asked) => (isOf(asked, 'no', 'GET') ? { status, refusal } : undefined)
  expect(await codeOf(sync(`s3://${bucket}`, 'H/C/b'))).toBe('REFUSED')
  faulty.fault = (asked) => (isOf(asked, 'no', 'PUT') ? { status, refusal } : undefined)
  expect(await codeOf(sync('H/C/a', `s3://${bucket}/new`))).toBe('REFUSED')
  const next = emptyFolder()
  for (const name of ['changed', 'no']) makeFile(next, name, 'second')
  await sync(next, 'H/C/a', DELETING)
  for (const name of ['gone', 'changed']) {
    faulty.fault = (asked) => (isOf(asked, name, 'HEAD', 'GET') ? { status, refusal } : undefined)
    expect(await codeOf(sync('H/C/a', `s3://${bucket}`, DELETING))).toBe('REFUSED')
  }
})

test('a listing that is denied ends the run, and nothing is deleted', async () => {
  const { sync } = await world()
  await put('a', 'a')
  await sync(`s3://${bucket}`, 'H/C/a')
  faulty.fault = ({ isListing }) => (isListing ? { status: 403, refusal: 'AccessDenied' } : undefined)
  await expect(sync(`s3://${bucket}`, 'H/C/a', DELETING)).rejects.toMatchObject({
    code: 'REFUSED',
    message: `cannot list s3://${bucket}/: access is denied (AccessDenied)`,
  })
  faulty.fault = () => undefined
  expect((await sync('H/C/a', `s3://${bucket}`)).counts.objectsPublished).toBe(0)
})
