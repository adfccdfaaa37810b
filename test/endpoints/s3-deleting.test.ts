import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import type { Ceph } from '../tools/ceph.js'
import type { FaultyS3 } from '../tools/faulty-s3.js'
import { eachWithFaultyCeph } from './faulty-ceph.js'
import { DELETING, s3World } from './s3-world.js'

let ceph: Ceph
let faulty: FaultyS3
let bucket: string

eachWithFaultyCeph('deleting', (at) => {
  ;({ ceph, faulty, bucket } = at)
})

const putBehind = (Key: string) => ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'theirs' }))

async function keys(): Promise<string[]> {
  const { Contents = [] } = await ceph.client.send(new ListObjectsV2Command({ Bucket: bucket }))
  return Contents.map(({ Key = '' }) => Key)
}

/** So many objects stand in S3 that a bucket has no more; gives what makes the run that deletes them. */
async function withDeletes(count: number) {
  const { sync } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  for (let i = 0; i < count; i++) makeFile(root, `f${i}`, 'ours')
  await sync(root, 'H/C/a')
  await sync('H/C/a', `s3://${bucket}/p`)
  faulty.asked.length = 0
  return { push: () => sync('H/C/b', `s3://${bucket}/p`, DELETING) }
}

interface Named {
  readonly key: string
  readonly etag: string | undefined
}

const namedIn = (body: string): Named[] =>
  [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, one = '']) => ({
    key: /<Key>(.*?)<\/Key>/s.exec(one)?.[1] ?? '',
    etag: /<ETag>(.*?)<\/ETag>/s.exec(one)?.[1],
  }))

/** Answers a request for many deletes in place of the server: does those of which `refusal` gives nothing, and tells the others so. */
async function deleteAs(client: S3Client, body: string, refusal: (one: Named) => Promise<string | undefined>) {
  const errors: string[] = []
  for (const one of namedIn(body)) {
    const code = await refusal(one)
    if (code === undefined) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: one.key }))
    else errors.push(`<Error><Key>${one.key}</Key><Code>${code}</Code><Message>${code}</Message></Error>`)
  }
  return { status: 200, text: `<DeleteResult>${errors.join('')}</DeleteResult>` }
}

/** As Amazon does: the ETag of an object has to be the one that is named. */
async function refusalOf({ key, etag }: Named): Promise<string | undefined> {
  if (etag === undefined) return undefined
  try {
    const { ETag = '' } = await ceph.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
    return ETag.replaceAll('"', '') === etag ? undefined : 'PreconditionFailed'
  } catch {
    return 'NoSuchKey'
  }
}

const isDeletes = ({ query }: { readonly query: URLSearchParams }): boolean => query.has('delete')

test('what somebody writes between look and delete stays, where the server keeps the condition, and is named', async () => {
  const { push } = await withDeletes(4)
  faulty.fault = (asked) =>
    isDeletes(asked)
      ? {
          first: async () => {
            await putBehind('p/f1')
            await ceph.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'p/f2' }))
          },
          answer: (body) => deleteAs(ceph.client, body, refusalOf),
        }
      : undefined
  expect((await push()).parked).toEqual([{ key: 'f1', why: 'it was changed here meanwhile' }])
  expect(await keys()).toEqual(['p/f1'])
})

test('where it does not, few are deleted after few looks, so that what is written meanwhile stays and is named', async () => {
  const { s3DeletesSeenMax } = LIMITS
  onTestFinished(() => void Object.assign(LIMITS, { s3DeletesSeenMax }))
  Object.assign(LIMITS, { s3DeletesSeenMax: 2 })
  const { push } = await withDeletes(9)
  let theirs: Promise<unknown> | undefined
  faulty.fault = (asked) => {
    if (!isDeletes(asked)) return undefined
    theirs ??= putBehind('p/f8')
    return { first: () => theirs ?? Promise.resolve() }
  }
  expect((await push()).parked).toEqual([{ key: 'f8', why: 'it was changed here meanwhile' }])
  expect(await keys()).toEqual(['p/f8'])
})

test.each([
  ['does not take', 400],
  ['has no', 501],
])('a server that %s conditions of deletes is asked without (%d)', async (_, status) => {
  const { push } = await withDeletes(4)
  const text = '<Error><Code>MalformedXML</Code><Message>no such element</Message></Error>'
  faulty.fault = (asked) => {
    if (asked.method === 'DELETE' && asked.headers['if-match'] !== undefined)
      return { status, refusal: 'NotImplemented' }
    if (!isDeletes(asked)) return undefined
    return { answer: async (body) => (body.includes('<ETag>') ? { status, text } : undefined) }
  }
  expect((await push()).parked).toEqual([])
  expect(await keys()).toEqual([])
  expect(faulty.asked.filter(isDeletes)).toHaveLength(2)
})

test('a server that refuses a condition that holds is asked without', async () => {
  const { push } = await withDeletes(4)
  const refusal = async ({ etag }: Named) => (etag === undefined ? undefined : 'PreconditionFailed')
  faulty.fault = (asked) => (isDeletes(asked) ? { answer: (body) => deleteAs(ceph.client, body, refusal) } : undefined)
  expect((await push()).parked).toEqual([])
  expect(await keys()).toEqual([])
})

test.each(['SlowDown', 'InternalError', 'ServiceUnavailable', 'ConditionalRequestConflict'])(
  'one of many that is answered %s is asked for again by itself, with its condition',
  async (code) => {
    const { push } = await withDeletes(4)
    const refusal = async ({ key }: Named) => (key === 'p/f2' ? code : undefined)
    faulty.fault = (asked) =>
      isDeletes(asked) ? { answer: (body) => deleteAs(ceph.client, body, refusal) } : undefined
    const { parked, counts } = await push()
    expect(parked).toEqual([])
    expect(counts.objectsDeleted).toBe(4)
    expect(await keys()).toEqual([])
    const alone = faulty.asked.filter(({ method }) => method === 'DELETE')
    expect(alone.map(({ path }) => path)).toEqual([`/${bucket}/p/f2`])
    expect(alone[0]?.headers['if-match']).toMatch(/^[0-9a-f]{32}$/)
  },
)

test('where the answer names something else each is asked for by itself', async () => {
  const { push } = await withDeletes(4)
  const text = '<DeleteResult><Error><Key>other</Key><Code>AccessDenied</Code></Error></DeleteResult>'
  faulty.fault = (asked) => (isDeletes(asked) ? { answer: async () => ({ status: 200, text }) } : undefined)
  expect((await push()).parked).toEqual([])
  expect(await keys()).toEqual([])
})
