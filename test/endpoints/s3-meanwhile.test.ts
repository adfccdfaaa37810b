import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import type { Ceph } from '../tools/ceph.js'
import type { Asked, Fault, FaultyS3 } from '../tools/faulty-s3.js'
import { eachWithFaultyCeph } from './faulty-ceph.js'
import { s3World } from './s3-world.js'

let ceph: Ceph
let faulty: FaultyS3
let bucket: string

eachWithFaultyCeph('meanwhile', (at) => {
  ;({ ceph, faulty, bucket } = at)
})

const BUSY: Fault = { status: 409, refusal: 'ConditionalRequestConflict' }
const putBehind = (Key: string, Body = 'theirs') =>
  ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))

async function textOf(Key: string): Promise<string | undefined> {
  const { Body } = await ceph.client.send(new GetObjectCommand({ Bucket: bucket, Key }))
  return Body?.transformToString()
}

const writesOf = (name: string): Asked[] =>
  faulty.asked.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/${name}`))
const conditionsOf = (name: string): unknown[] =>
  writesOf(name).map(({ headers }) => headers['if-none-match'] ?? headers['if-match'])

/** A bucket with objects, of which those that are `known` stand in S3 as well, in an older state. */
async function withObjects(known: readonly string[], ...fresh: string[]) {
  const { sync } = await s3World(ceph, faulty.endpoint)
  const root = emptyFolder()
  for (const [names, text] of [
    [known, 'the first'],
    [[...known, ...fresh], 'the second one'],
  ] as const) {
    for (const name of names) makeFile(root, name, text)
    await sync(root, 'H/C/a')
    if (text === 'the first') await sync('H/C/a', `s3://${bucket}/p`)
  }
  faulty.asked.length = 0
  return { push: () => sync('H/C/a', `s3://${bucket}/p`) }
}

test.each([
  ['new', [], 'something is here that the plan did not see'],
  ['changed', ['a'], 'it was changed here meanwhile'],
])('what is %s and refused because somebody else writes it is not written over that', async (_, known, why) => {
  const { push } = await withObjects(known, 'a')
  faulty.fault = ({ method, path }) => {
    if (method !== 'PUT' || !path.endsWith('/a')) return undefined
    return writesOf('a').length <= 4 ? BUSY : { first: () => putBehind('p/a') }
  }
  expect((await push()).parked).toEqual([{ key: 'a', why }])
  expect(await textOf('p/a')).toBe('theirs')
  expect(conditionsOf('a')).not.toContain(undefined)
})

test('where that somebody came to nothing it is written, and the next one has its condition too', async () => {
  const { push } = await withObjects(['b'], 'a')
  let refused = 0
  faulty.fault = ({ method, path }) => (method === 'PUT' && path.endsWith('/a') && refused++ < 4 ? BUSY : undefined)
  expect((await push()).parked).toEqual([])
  for (const name of ['a', 'b']) {
    expect(await textOf(`p/${name}`)).toBe('the second one')
    expect(conditionsOf(name)).not.toContain(undefined)
  }
})

test('where that does not end it is left out and named, and the others are written', async () => {
  const { s3RetryMs } = LIMITS
  onTestFinished(() => void Object.assign(LIMITS, { s3RetryMs }))
  Object.assign(LIMITS, { s3RetryMs: 1 })
  const { push } = await withObjects([], 'a', 'b')
  faulty.fault = ({ method, path }) => (method === 'PUT' && path.endsWith('/a') ? BUSY : undefined)
  expect((await push()).parked).toEqual([{ key: 'a', why: expect.stringContaining('run again') }])
  expect(conditionsOf('a')).not.toContain(undefined)
  expect(await textOf('p/b')).toBe('the second one')
  faulty.fault = () => undefined
  expect((await push()).parked).toEqual([])
})
