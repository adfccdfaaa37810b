import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import type { ChunkRef } from '../../src/model/chunk.js'
import type { Fetcher, Parcel, Sink, Wanted } from '../../src/model/endpoint.js'
import type { SameExtent } from '../../src/model/extent.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { createStats } from '../../src/stats/counters.js'
import { descend } from '../../src/transfer/descend.js'
import { Faults } from '../fakes/faults.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { run } from './runs.js'

/** 64 distinct chunks: three levels of nodes under a root with four children. */
const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 3 + (i >> 4)) % 256))

async function* wantedOf(bucket: MemoryBucket, more: Partial<Wanted> = {}): AsyncGenerator<readonly Wanted[]> {
  let object = 0
  for await (const page of bucket.source.list({}, () => undefined))
    yield page.map((here) => ({ object: object++, here, ...more }))
}

async function parcelsOf(from: MemoryBucket, sink: Sink): Promise<Parcel[]> {
  const parcels: Parcel[] = []
  for await (const parcel of descend({ source: from.source, sink, stats: createStats() }, wantedOf(from))) {
    parcels.push(parcel)
  }
  return parcels
}

test('a known tree costs one question and nothing is fetched', async () => {
  const faults = new Faults()
  const from = new MemoryBucket(faults)
  const asked: ChunkRef[][] = []
  const to = new MemoryBucket()
  to.write('elsewhere', bytes)
  from.write('a', bytes)
  from.write('b', bytes)
  const missing: Sink['missing'] = (refs) => {
    asked.push([...refs])
    return to.sink.missing(refs)
  }
  const [parcel, ...more] = await parcelsOf(from, { ...to.sink, missing })
  expect(more).toEqual([])
  expect(parcel).toMatchObject({ slices: [], nodes: [], parked: [] })
  expect(parcel?.done.map(({ object, key }) => [object, key])).toEqual([
    [0, 'a'],
    [1, 'b'],
  ])
  expect(asked.map((refs) => refs.length)).toEqual([1])
  expect(faults.count('source.fetch')).toBe(0)
})

test('a parcel of tiny chunks is bounded by their number', async () => {
  const from = new MemoryBucket()
  const leaves = 2 * LIMITS.missingRefsMax + 1
  const many = Buffer.alloc(leaves * 16)
  for (let i = 0; i < leaves; i++) many.writeUInt32BE(i + 1, i * 16)
  from.write('a', many)
  const parcels = await parcelsOf(from, new MemoryBucket().sink)
  const most = LIMITS.missingRefsMax
  expect(parcels.map(({ slices }) => slices.length)).toEqual([most, most, 1])
})

test('only what is above a change is entered', async () => {
  const from = new MemoryBucket()
  const to = new MemoryBucket()
  to.write('a', bytes)
  const changed = Buffer.from(bytes)
  changed[500] = (changed[500] ?? 0) ^ 1
  from.write('a', changed)
  const [parcel] = await parcelsOf(from, to.sink)
  expect(parcel?.nodes.length).toBe(3)
  // The four leaves of the changed lowest node, of which three are known; the mover asks for them.
  expect(parcel?.slices.map(({ offset }) => offset)).toEqual([448, 464, 480, 496])
  const { stats } = await run({ from, to })
  expect(stats).toMatchObject({ bytesNew: 16, bytesRead: 16, objectsPublished: 1 })
})

test('nodes come after everything under them', async () => {
  const from = new MemoryBucket()
  from.write('a', bytes)
  const [parcel] = await parcelsOf(from, new MemoryBucket().sink)
  const nodes = parcel?.nodes ?? []
  expect(nodes.length).toBe(21)
  const before = new Set<string>()
  for (const node of nodes) {
    for (const { ref } of from.source.entries(node)) if (ref?.node) expect(before.has(ref.id)).toBe(true)
    before.add(node.ref.id)
  }
})

test('a plain sink gets every slice at its place, no holes and no nodes', async () => {
  const from = new MemoryBucket()
  const sparse = Buffer.alloc(1024)
  sparse.fill('x', 160, 176)
  sparse.fill('y', 992, 1000)
  from.write('sparse', sparse)
  const [parcel] = await parcelsOf(from, new MemoryFolder().sink)
  expect(parcel?.nodes).toEqual([])
  expect(parcel?.slices.map(({ offset, ref }) => [offset, ref.size])).toEqual([
    [160, 16],
    [992, 16],
  ])
})

test('of what a sink takes from what it holds no slice is put, and no node above it is entered', async () => {
  const faults = new Faults()
  const from = new MemoryBucket(faults)
  from.write('a', bytes)
  const head = async (): Promise<VersionRef> => {
    for await (const [ref] of from.source.list({}, () => undefined)) if (ref !== undefined) return ref
    throw new Error('nothing is there')
  }
  const there = await head()
  const changed = Buffer.from(bytes)
  changed[500] = (changed[500] ?? 0) ^ 1
  from.write('a', changed)
  const told: SameExtent[] = []
  const begun: string[] = []
  const sink: Sink = {
    ...new MemoryFolder().sink,
    begin: (done) => void begun.push(...done.map(({ key }) => key)),
    reuse: async (_, same) => {
      for await (const one of same) told.push(one)
      return [{ offset: 0, length: 470 }, ...told.slice(1)]
    },
  }
  const offsetsOf = async (more: Partial<Wanted>): Promise<number[]> => {
    const offsets: number[] = []
    for await (const { slices } of descend({ source: from.source, sink, stats: createStats() }, wantedOf(from, more)))
      offsets.push(...slices.map(({ offset }) => offset))
    return offsets
  }
  const thereRoot = there.held?.root
  expect(await offsetsOf({ there, ...(thereRoot && { thereRoot }) })).toEqual([464, 480, 496])
  expect(told).toEqual([
    { offset: 0, length: 496, from: 0 },
    { offset: 512, length: 512, from: 512 },
  ])
  expect(begun).toEqual([])
  expect(await offsetsOf({ there })).toHaveLength(64)
  expect(begun).toEqual(['a'])
})

test('an object that is larger than a parcel is several, and is done in the last', async () => {
  const large = 512 * 1024
  const from = new MemoryBucket(new Faults(), large)
  const plain = Buffer.alloc(20 * large)
  for (let i = 0; i < 20; i++) plain.fill(`${i} `, i * large, (i + 1) * large)
  from.write('large', plain)
  from.write('small', Buffer.from('small'))
  const parcels = await parcelsOf(from, new MemoryBucket().sink)
  expect(parcels.length).toBe(3)
  expect(parcels.map(({ done }) => done.map(({ key }) => key))).toEqual([[], [], ['large', 'small']])
  for (const { slices } of parcels) expect(slices.length).toBeLessThanOrEqual(9)
  const to = new MemoryFolder()
  await run({ from, to })
  expect(Buffer.compare([...to.entries.values()][0]?.bytes ?? Buffer.alloc(0), plain)).toBe(0)
})

test('many small objects are several parcels', async () => {
  const from = new MemoryBucket()
  for (let i = 0; i < 1100; i++) from.write(`f${i}`, Buffer.from('x'))
  const parcels = await parcelsOf(from, new MemoryBucket().sink)
  expect(parcels.map(({ done }) => done.length)).toEqual([512, 512, 76])
})

test('memory that a parcel was read into serves another once it is released, and not before', async () => {
  const from = new MemoryBucket()
  const given: ArrayBufferLike[] = []
  const source: Fetcher = {
    ...from.source,
    fetch: (refs, options = {}) => {
      given.push(options.memory?.(LIMITS.parcelBytesMax).buffer ?? new ArrayBuffer(0))
      return from.source.fetch(refs, options)
    },
  }
  for (let n = 0; n < 3 * LIMITS.parcelObjectsMax; n++)
    from.write(`k${String(n).padStart(6, '0')}`, bytes.subarray(n % 9))
  const parcels = descend({ source, sink: new MemoryFolder().sink, stats: createStats() }, wantedOf(from))
  const next = async (): Promise<Parcel> => {
    const { value, done } = await parcels.next()
    if (done) throw new Error('too few parcels')
    await value.load(value.slices.map(({ ref }: { ref: ChunkRef }) => ref))
    return value
  }
  given.length = 0
  const first = await next()
  const a = given.at(-1)
  await next()
  const b = given.at(-1)
  first.release()
  await next()
  expect(b).not.toBe(a)
  expect(given.at(-1)).toBe(a)
})
