import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { s3Store } from '../../src/endpoints/s3/store.js'
import { packKey } from '../../src/endpoints/s3-segment/layout.js'
import type { ObjectSegment } from '../../src/endpoints/s3-segment/segment.js'
import type { BucketEndpoint } from '../../src/endpoints/segment.js'
import { decodeFacts, encodeFacts } from '../../src/format/facts.js'
import type { ObjectStore, StoreListOptions } from '../../src/model/object-store.js'
import { noise } from '../chunker/bytes.js'
import { folder } from '../store/homes.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { run } from '../transfer/runs.js'
import { bucketIn, contentsOf, filled, openObjects } from './object-segments.js'

let ceph: Ceph
let nth = 0
const open: ObjectStore[] = []

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('gone')
}, 200_000)
afterAll(async () => {
  for (const store of open) store.close()
  await ceph.end()
})

/** A tree, a chunk alone, and what is in its manifest. */
const FILES = { large: noise(1, 1000), small: noise(2, 14), tiny: Buffer.of() }
const WORDS = expect.stringMatching(/^packs\/[0-9a-f]{32} is gone from s3:\/\/gone\//)
const HARMED = [['large', WORDS], ['small', WORDS], 'tiny']
const WHOLE = ['large', 'small', 'tiny']

async function place(): Promise<ObjectStore> {
  const made = await s3Store({ access: ceph.access, bucket: 'gone', prefix: `${nth++}/` })
  open.push(made)
  return made
}

const cache = async (): Promise<string> => path.join(await folder(), 'cache')

/** As who has that cache sees it, or somebody who was never here; whether packs are gone is looked for. */
async function looked(store: ObjectStore, at?: string): Promise<ObjectSegment> {
  const segment = await openObjects(store, { looksForGone: true, ...(at !== undefined && { cache: at }) })
  onTestFinished(() => segment.close())
  return segment
}

/** The same; it is over when `use` is. */
async function using<T>(store: ObjectStore, at: string, use: (bucket: BucketEndpoint) => Promise<T>): Promise<T> {
  const segment = await openObjects(store, { looksForGone: true, cache: at })
  try {
    return await use(await bucketIn(segment))
  } finally {
    await segment.close()
  }
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const page of store.list({ prefix })) keys.push(...page.map(({ key }) => key))
  return keys
}

const losePacks = async (store: ObjectStore): Promise<void> => store.delete(await keysOf(store, 'packs/'))

async function rowsOf({ source, sink }: BucketEndpoint) {
  const all = { source: [] as unknown[], sink: [] as unknown[] }
  const none = (): never => {
    throw new Error('nothing of a segment cannot be listed')
  }
  for (const [side, lister] of Object.entries({ source, sink }) as ['source', typeof source][])
    for await (const page of lister.list({}, none))
      all[side].push(...page.map(({ key, harmed }) => (harmed === undefined ? key : [key, harmed])))
  expect(all.sink).toEqual(all.source)
  return all.source
}

const push = (store: ObjectStore, at: string, chunkBytes?: number) =>
  using(store, at, (bucket) => run({ from: filled(FILES, chunkBytes), to: bucket }))

test('what needs a pack that is gone is told, by who knew it and by who comes anew; the same content heals it for both', async () => {
  const store = await place()
  const [ours, theirs] = [await cache(), await cache()]
  await push(store, ours)
  expect(await using(store, theirs, rowsOf)).toEqual(WHOLE)
  const contents = await using(store, theirs, contentsOf)
  await losePacks(store)
  for (const at of [ours, theirs, await cache()]) expect(await using(store, at, rowsOf)).toEqual(HARMED)
  const { stats, settled } = await push(store, ours)
  expect(stats).toMatchObject({ objectsPublished: 0, objectsKnown: 2, objectsDeleted: 0 })
  expect(settled.map(({ key }) => key)).toEqual(['large', 'small'])
  expect((await push(store, ours)).settled).toEqual([])
  for (const at of [ours, theirs, await cache()]) {
    expect(await using(store, at, rowsOf)).toEqual(WHOLE)
    expect(await using(store, at, contentsOf)).toEqual(contents)
  }
})

test('content that comes in other pieces than those that are lost heals too', async () => {
  const store = await place()
  const [ours, theirs] = [await cache(), await cache()]
  await push(store, ours)
  const contents = await using(store, theirs, contentsOf)
  await losePacks(store)
  expect((await push(store, ours, 300)).stats).toMatchObject({ objectsPublished: 1, objectsKnown: 1 })
  for (const at of [ours, theirs, await cache()]) {
    expect(await using(store, at, rowsOf)).toEqual(WHOLE)
    expect(await using(store, at, contentsOf)).toEqual(contents)
  }
})

test('a pack that is put back is there again', async () => {
  const store = await place()
  const ours = await cache()
  await push(store, ours)
  const [pack = ''] = await keysOf(store, 'packs/')
  const kept = await store.get(pack)
  await store.delete([pack])
  expect(await using(store, ours, rowsOf)).toEqual(HARMED)
  await store.put(pack, kept)
  for (const at of [ours, await cache()]) expect(await using(store, at, rowsOf)).toEqual(WHOLE)
})

test('who stays open learns of it by another look, and what is published from then on leans on nothing that is gone', async () => {
  const store = await place()
  const ours = await cache()
  await push(store, ours)
  const segment = await looked(store, ours)
  const bucket = await bucketIn(segment)
  await losePacks(store)
  expect(await rowsOf(bucket)).toEqual(WHOLE)
  await segment.lookForGone()
  expect(await rowsOf(bucket)).toEqual(HARMED)
  await run({ from: filled({ ...FILES, copy: FILES.large }), to: bucket })
  expect(await using(store, await cache(), rowsOf)).toEqual(['copy', ...WHOLE])
})

/** As two writers leave it that put the same at once: all chunks stand in a second pack too. */
async function putTwin(store: ObjectStore): Promise<void> {
  const id = 'ff'.repeat(16)
  for (const pack of await keysOf(store, 'packs/')) await store.put(packKey(id), await store.get(pack))
  for (const key of await keysOf(store, 'index/')) {
    const { packs } = decodeFacts(key.split('/').at(-1) ?? '', await store.get(key))
    const facts = encodeFacts({ packs: packs.map(({ rows }) => ({ pack: id, rows })), published: [] }, [])
    await store.put(`index/0/${facts.id}`, facts.bytes)
  }
}

test('chunks that stand in a second pack are not lost, also where who noticed that the first is gone died at once', async () => {
  const store = await place()
  const [ours, died] = [await cache(), await cache()]
  for (const at of [ours, died]) await push(store, at)
  const [first = ''] = await keysOf(store, 'packs/')
  await putTwin(store)
  await store.delete([first])
  let isDying = false
  async function* list(options: StoreListOptions = {}) {
    if (isDying) throw new Error('died')
    isDying = options.prefix === 'packs/'
    yield* store.list(options)
  }
  await expect(looked({ ...store, list }, died)).rejects.toThrow('died')
  for (const at of [ours, died, await cache()]) {
    expect(await using(store, at, rowsOf)).toEqual(WHOLE)
    expect(await using(store, at, contentsOf)).toEqual(await contentsOf(filled(FILES)))
  }
})

test('what a listing does not show is asked for before it is believed to be gone; where it shows all, nothing is asked', async () => {
  const store = await place()
  const ours = await cache()
  await push(store, ours)
  const asked: string[] = []
  const seen: ObjectStore = {
    ...store,
    get: (key, ...rest) => {
      asked.push(key)
      return store.get(key, ...rest)
    },
  }
  expect(await using(seen, ours, rowsOf)).toEqual(WHOLE)
  expect(asked.filter((key) => !key.startsWith('segment/'))).toEqual([])
  async function* list(options: StoreListOptions = {}) {
    if (options.prefix !== 'packs/') yield* store.list(options)
  }
  expect(await using({ ...seen, list }, ours, rowsOf)).toEqual(WHOLE)
  expect(asked.filter((key) => key.startsWith('packs/'))).toEqual(await keysOf(store, 'packs/'))
})

test('what somebody publishes who does not know of the loss is known to who does, and harmed', async () => {
  const store = await place()
  const [ours, stale] = [await cache(), await openObjects(store)]
  onTestFinished(() => stale.close())
  const bucket = await bucketIn(stale)
  // One leaf of the tree stands in a pack of its own, and only that goes.
  const leaf = FILES.large.subarray(0, 16)
  await run({ from: filled({ leaf }), to: bucket })
  const packs = await keysOf(store, 'packs/')
  await run({ from: filled({ leaf, ...FILES }), to: bucket })
  await store.delete(packs)
  const harmed = (keys: string[]) => keys.map((key) => [key, WORDS])
  expect(await using(store, ours, rowsOf)).toEqual([...harmed(['large', 'leaf']), 'small', 'tiny'])
  await run({ from: filled({ leaf, ...FILES, other: FILES.large }), to: bucket })
  for (const at of [ours, await cache()])
    expect(await using(store, at, rowsOf)).toEqual([...harmed(['large', 'leaf', 'other']), 'small', 'tiny'])
})
