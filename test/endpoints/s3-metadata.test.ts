import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { bytesOfText, textOfBytes } from '../../src/endpoints/s3/header-text.js'
import { noise } from '../chunker/bytes.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'
import { s3World } from './s3-world.js'

const LARGE = noise(1, 20_000_000)
const TEXT = 'Grüße, 日本 \u{1F600}'
let ceph: Ceph
let faulty: FaultyS3

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('metadata')
}, 200_000)
afterAll(() => ceph.end())
beforeEach(async () => {
  faulty = await startFaultyS3(ceph.access.endpoint)
})
afterEach(() => faulty.end())

/** As tools put it that write metadata in UTF-8. */
async function putInUtf8(Key: string, Metadata: Record<string, string>, Body: Buffer = Buffer.from('body')) {
  const client = new S3Client({ ...ceph.access, forcePathStyle: true })
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> }
      request.headers = bytesOfText(request.headers)
      return next(args)
    },
    { step: 'deserialize' },
  )
  await client.send(new PutObjectCommand({ Bucket: 'metadata', Key, Body, Metadata, ContentType: 'text/plain' }))
  client.destroy()
}

async function toldOf(Key: string): Promise<Record<string, string>> {
  const { Metadata = {} } = await ceph.client.send(new HeadObjectCommand({ Bucket: 'metadata', Key }))
  return Object.fromEntries(Object.entries(Metadata).map(([name, value]) => [name, textOfBytes(value)]))
}

test('metadata in UTF-8 goes through a bucket unchanged, and so does what is encoded as RFC 2047 has it', async () => {
  const encoded = '=?UTF-8?B?R3LDvMOfZQ==?='
  await putInUtf8('from/a', { text: TEXT, encoded, none: '' })
  await putInUtf8('from/large', { text: TEXT }, LARGE)
  const { sync } = await s3World(ceph)
  await sync('s3://metadata/from', 'H/C/a')
  expect((await sync('H/C/a', 's3://metadata/to')).parked).toEqual([])
  expect(await toldOf('to/a')).toMatchObject({ text: TEXT, encoded, none: '' })
  expect(await toldOf('to/large')).toMatchObject({ text: TEXT })
})

test('a server that takes no such metadata costs the object that has it, and no other', async () => {
  await putInUtf8('given/a', { text: TEXT })
  await putInUtf8('given/b', { text: 'plain' })
  const { sync } = await s3World(ceph, faulty.endpoint)
  await sync('s3://metadata/given', 'H/C/a')
  faulty.fault = ({ method, path }) =>
    method === 'PUT' && path.endsWith('/a') ? { status: 403, refusal: 'SignatureDoesNotMatch' } : undefined
  const { parked } = await sync('H/C/a', 's3://metadata/refused')
  expect(parked).toEqual([{ key: 'a', why: expect.stringContaining('takes no metadata that is not ASCII') }])
  expect(await toldOf('refused/b')).toMatchObject({ text: 'plain' })
})
