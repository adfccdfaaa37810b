import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Faults } from '../fakes/faults.js'
import { MemoryBaseline } from '../fakes/memory-baseline.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { type Ends, run } from './runs.js'
import { bucketContents, bucketTree, folderContents, folderTree, plant, type Tree, treeContents } from './trees.js'

/** A pair of sides of given kinds, to be filled; `contents` is what the sink holds. */
interface Pair {
  readonly name: string
  readonly here: fc.Arbitrary<Tree>
  readonly there: fc.Arbitrary<Tree>
  open(): Ends & {
    readonly from: MemoryBucket | MemoryFolder
    readonly to: MemoryBucket | MemoryFolder
    faults: Faults
  }
}

const pairs: Pair[] = [
  {
    name: 'folder to bucket',
    here: folderTree,
    there: bucketTree,
    open: () => {
      const faults = new Faults()
      return { from: new MemoryFolder(faults), to: new MemoryBucket(faults), baseline: new MemoryBaseline(), faults }
    },
  },
  {
    name: 'bucket to folder',
    here: folderTree,
    there: folderTree,
    open: () => {
      const faults = new Faults()
      return { from: new MemoryBucket(faults), to: new MemoryFolder(faults), baseline: new MemoryBaseline(), faults }
    },
  },
  {
    name: 'bucket to bucket',
    here: bucketTree,
    there: bucketTree,
    open: () => {
      const faults = new Faults()
      return { from: new MemoryBucket(faults), to: new MemoryBucket(faults), faults }
    },
  },
  {
    name: 'bucket to bucket with other chunks',
    here: bucketTree,
    there: bucketTree,
    open: () => {
      const faults = new Faults()
      return { from: new MemoryBucket(faults), to: new MemoryBucket(faults, 8), faults }
    },
  },
]

const contentsOf = (place: MemoryBucket | MemoryFolder): Record<string, string> =>
  place instanceof MemoryBucket ? bucketContents(place) : folderContents(place)

describe.each(pairs)('$name', ({ here, there, open }) => {
  test('the sink becomes what the source is, and a second run changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(here, there, async (wanted, old) => {
        const ends = open()
        plant(wanted, ends.from)
        plant(old, ends.to)
        const { report } = await run(ends)
        expect(report.parked).toEqual([])
        expect(contentsOf(ends.to)).toEqual(treeContents(wanted))
        const again = await run(ends)
        expect(again.settled.filter(({ status }) => status !== 'known')).toEqual([])
        expect(contentsOf(ends.to)).toEqual(treeContents(wanted))
      }),
    )
  })

  test('stopped anywhere, nothing outlives the call, what was settled is there, and the next run ends it', async () => {
    await fc.assert(
      fc.asyncProperty(here, there, fc.integer({ min: 1, max: 40 }), async (wanted, old, nth) => {
        const ends = open()
        plant(wanted, ends.from)
        plant(old, ends.to)
        const stop = new AbortController()
        const cause = new Error('stopped')
        ends.faults.plan('*', nth, () => stop.abort(cause))
        const settled: string[] = []
        const ended = await run(ends, {
          signal: stop.signal,
          settled: ({ key, status }) => status === 'published' && settled.push(key),
        }).catch((error: unknown) => error)
        if (stop.signal.aborted && ended instanceof Error) expect(ended).toBe(cause)
        const calls = ends.faults.count('*')
        const files = settled.filter((key) => !key.endsWith('/'))
        const [stopped, target] = [contentsOf(ends.to), treeContents(wanted)]
        expect(files.map((key) => stopped[key])).toEqual(files.map((key) => target[key]))
        await new Promise((resolve) => setImmediate(resolve))
        expect(ends.faults.count('*')).toBe(calls)
        await run(ends)
        expect(contentsOf(ends.to)).toEqual(target)
      }),
    )
  })

  test('without delete, what only the sink has stays', async () => {
    await fc.assert(
      fc.asyncProperty(here, there, async (wanted, old) => {
        const ends = open()
        plant(wanted, ends.from)
        plant(old, ends.to)
        const before = contentsOf(ends.to)
        await run(ends, { policy: { deleteExtra: false, checksum: false } })
        const after = contentsOf(ends.to)
        const isExtra = (key: string): boolean => !wanted.has(key) && !key.endsWith('/')
        for (const key of Object.keys(before).filter(isExtra)) expect(after[key]).toBe(before[key])
      }),
    )
  })
})

test('a file that is known by its fingerprint is not read again, under checksum it is, a changed one is', async () => {
  const faults = new Faults()
  const ends = { from: new MemoryFolder(faults), to: new MemoryBucket(), baseline: new MemoryBaseline() }
  for (const name of ['a', 'b', 'c']) ends.from.write(name, Buffer.alloc(100, name))
  await run(ends)
  expect(faults.count('source.read')).toBe(3)
  await run(ends)
  expect(faults.count('source.read')).toBe(3)
  const { stats } = await run(ends, { policy: { deleteExtra: true, checksum: true } })
  expect(faults.count('source.read')).toBe(6)
  expect(stats).toMatchObject({ objectsLooked: 3, objectsKnown: 3, objectsPublished: 0, bytesNew: 0 })
  ends.from.write('b', Buffer.alloc(100, 'x'))
  await run(ends)
  expect(faults.count('source.read')).toBe(7)
})

test('a tree that was moved, or a copy of one, moves no data', async () => {
  const ends = { from: new MemoryFolder(), to: new MemoryBucket(), baseline: new MemoryBaseline() }
  const bytes = Buffer.from(Array.from({ length: 400 }, (_, i) => i % 251))
  ends.from.write('old', bytes)
  const first = await run(ends)
  expect(first.stats).toMatchObject({ objectsPublished: 1, bytesNew: 400, chunksKnown: 0 })
  ends.from.remove('old')
  ends.from.write('new', bytes)
  ends.from.write('copy', bytes)
  const { stats } = await run(ends)
  expect(stats).toMatchObject({ objectsPublished: 2, objectsDeleted: 1, bytesNew: 0, bytesStored: 0, chunksNew: 0 })
})

test('a chunk that several parcels in flight need is loaded once', async () => {
  const ends = { from: new MemoryFolder(), to: new MemoryBucket() }
  for (let i = 0; i < 30; i++) ends.from.write(`f${i}`, Buffer.alloc(32, 'abcdefghijklmnop'))
  const { stats } = await run(ends, { parcelsInFlight: 16 })
  expect(stats).toMatchObject({ objectsPublished: 30, bytesNew: 16 })
})
