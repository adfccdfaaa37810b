import { afterAll, beforeAll, expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { connect } from '../../src/endpoints/s3/client.js'
import { s3Store } from '../../src/endpoints/s3/store.js'
import { compareKeys } from '../../src/model/key.js'
import type { ObjectStore, StoredObject } from '../../src/model/object-store.js'
import { noise } from '../chunker/bytes.js'
import { type Ceph, startCeph } from '../tools/ceph.js'

let ceph: Ceph
const open: ObjectStore[] = []

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('store')
}, 200_000)
afterAll(async () => {
  for (const store of open) store.close()
  await ceph.end()
})

async function storeAt(prefix: string, bucket = 'store', access: object = {}): Promise<ObjectStore> {
  const store = await s3Store({ access: { ...ceph.access, ...access }, bucket, prefix })
  open.push(store)
  return store
}

async function listed(store: ObjectStore, options = {}): Promise<StoredObject[]> {
  const rows: StoredObject[] = []
  for await (const page of store.list(options)) rows.push(...page)
  return rows
}

test('what was put is got, whole or in part, and listed with its size', async () => {
  const store = await storeAt('whole/')
  const bytes = noise(1, 300_000)
  await store.put('a/b', bytes)
  await store.put('empty', new Uint8Array())
  expect((await store.get('a/b')).equals(bytes)).toBe(true)
  expect(await store.get('a/b', { offset: 100_000, length: 5 })).toEqual(bytes.subarray(100_000, 100_005))
  expect(await store.get('empty')).toHaveLength(0)
  expect((await listed(store)).map(({ key, size }) => [key, size])).toEqual([
    ['a/b', 300_000],
    ['empty', 0],
  ])
})

test('a bucket may be called as old ones are', async () => {
  const name = '_Old_Photos.2009-'
  await ceph.makeBucket(name)
  const store = await storeAt('', name)
  await store.put('a', noise(1, 10))
  expect((await listed(store)).map(({ key }) => key)).toEqual(['a'])
  expect(await store.get('a')).toEqual(noise(1, 10))
  await store.delete(['a'])
  expect(await listed(store)).toEqual([])
})

test('what is not there, or ends before the part that is asked for, is not found', async () => {
  const store = await storeAt('missing/')
  await store.put('short', noise(2, 10))
  expect(await codeOf(store.get('nothing'))).toBe('NOT_FOUND')
  expect(await codeOf(store.get('short', { offset: 5, length: 6 }))).toBe('NOT_FOUND')
  expect(await codeOf(store.get('short', { offset: 10, length: 1 }))).toBe('NOT_FOUND')
})

test('keys come in the order of their bytes, whatever they are made of, from any point on', async () => {
  const store = await storeAt('order/')
  const keys = ['a b+c%/é', 'a\u0001', 'a/', 'a/b', 'a&<">', 'z/\u{1F600}', 'z/\uFB01', 'A', '~', 'a=b?c#d;e']
  for (const key of keys) await store.put(key, noise(5, 3))
  const sorted = [...keys].sort(compareKeys)
  expect((await listed(store)).map(({ key }) => key)).toEqual(sorted)
  for (const [i, after] of sorted.entries()) {
    expect((await listed(store, { after })).map(({ key }) => key)).toEqual(sorted.slice(i + 1))
  }
  expect((await listed(store, { prefix: 'a' })).map(({ key }) => key)).toEqual(sorted.filter((k) => k.startsWith('a')))
  await store.delete([...keys, 'never was'])
  expect(await listed(store)).toEqual([])
})

test('a listing of more than one page is whole', async () => {
  const store = await storeAt('pages/')
  const keys = Array.from({ length: 1050 }, (_, i) => `k${String(i).padStart(5, '0')}`)
  for (let at = 0; at < keys.length; at += 50) {
    await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, new Uint8Array())))
  }
  expect((await listed(store)).map(({ key }) => key)).toEqual(keys)
  await store.delete(keys)
  expect(await listed(store)).toEqual([])
})

test('what cannot be reached, is refused, or has no bucket says so', async () => {
  expect(await codeOf(listed(await storeAt('', 'no-such-bucket')))).toBe('NOT_FOUND')
  const credentials = { accessKeyId: ceph.access.credentials.accessKeyId, secretAccessKey: 'wrong' }
  expect(await codeOf((await storeAt('', 'store', { credentials })).put('x', noise(6, 9)))).toBe('REFUSED')
  expect(await codeOf(listed(await storeAt('', 'store', { endpoint: 'http://127.0.0.1:9' })))).toBe('UNREACHABLE')
  expect(await codeOf(connect({ endpoint: 'nonsense' }))).toBe('USAGE')
})

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof EfsError ? error.code : String(error)),
  )
