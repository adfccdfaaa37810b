import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { type BucketEndpoint, segmentEndpoint } from '../../src/endpoints/segment.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { run } from '../transfer/runs.js'
import { folderContents } from '../transfer/trees.js'

const STORING = { chunking: { kind: 'fastcdc', bytes: 65_536 }, compress: true } as const
const bytes = (seed: number): Buffer =>
  Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 11 + seed + (i >> 4)) % 256))

/** A segment of its own with buckets `a/b/one` and `a/b/two`, gone when the test ends. */
async function segment(): Promise<Segment> {
  const dir = await mkdtemp(path.join(tmpdir(), 'efs-endpoint-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const home = path.join(dir, 'home')
  await initSegment(home, { clock: systemClock })
  const opened = await openSegment(home, { clock: systemClock })
  onTestFinished(() => opened.close())
  for (const name of ['a', 'a/b', 'a/b/one', 'a/b/two']) await opened.names.create(name, {})
  return opened
}

function bucket(of: Segment, name = 'a/b/one', prefix = ''): BucketEndpoint {
  const named = of.names.find(name)
  if (named === undefined) throw new Error('no bucket')
  return segmentEndpoint(of, named, prefix, STORING)
}

async function contentsOf(from: BucketEndpoint): Promise<Record<string, string>> {
  const to = new MemoryFolder()
  expect((await run({ from, to })).report.parked).toEqual([])
  return folderContents(to)
}

function filled(entries: Record<string, Buffer>): MemoryBucket {
  const made = new MemoryBucket()
  for (const [key, content] of Object.entries(entries)) made.write(key, content)
  return made
}

test('bucket to bucket over two segments: equal digests, the same versions, no data the second time', async () => {
  const [a, b] = [await segment(), await segment()]
  await run({ from: filled({ x: bytes(1), 'd/y': bytes(2), 'd/e/z': Buffer.from('tiny') }), to: bucket(a) })
  const first = await run({ from: bucket(a), to: bucket(b) })
  expect(first.stats).toMatchObject({ objectsPublished: 3, objectsParked: 0 })
  for (const kind of ['content', 'full'] as const) {
    expect(bucket(b).digested?.digest(kind)).toBe(bucket(a).digested?.digest(kind))
  }
  const versions = async (of: Segment): Promise<string[]> => {
    const ids: string[] = []
    for await (const page of bucket(of).source.list({}, () => undefined))
      ids.push(...page.map(({ held }) => `${held?.id}`))
    return ids
  }
  expect(await versions(b)).toEqual(await versions(a))
  const again = await run({ from: bucket(a), to: bucket(b) })
  expect(again.settled).toEqual([])
  expect(await contentsOf(bucket(b))).toEqual(await contentsOf(bucket(a)))
})

test('buckets of one segment share all data', async () => {
  const one = await segment()
  await run({ from: filled({ x: bytes(1), y: bytes(2) }), to: bucket(one) })
  const { stats } = await run({ from: bucket(one), to: bucket(one, 'a/b/two') })
  expect(stats).toMatchObject({ objectsPublished: 2, bytesNew: 0, chunksNew: 0 })
})

test('a prefix is left out of keys on the way out and put before them on the way in', async () => {
  const [a, b] = [await segment(), await segment()]
  await run({ from: filled({ 'p/x': bytes(1), 'p/q/y': bytes(2), pz: bytes(3) }), to: bucket(a) })
  await run({ from: filled({ 'r/old': bytes(4), other: bytes(5) }), to: bucket(b) })
  const { stats } = await run({ from: bucket(a, 'a/b/one', 'p/'), to: bucket(b, 'a/b/one', 'r/') })
  expect(stats).toMatchObject({ objectsPublished: 2, objectsDeleted: 1 })
  const objects = Object.keys(await contentsOf(bucket(b))).filter((key) => !key.endsWith('/'))
  expect(objects.sort()).toEqual(['other', 'r/q/y', 'r/x'])
})

test('the folder that a prefix names is the root of what is below it', async () => {
  const a = await segment()
  const from = filled({ 'p/-': bytes(2), 'p/x': bytes(1) })
  from.write('p/', Buffer.alloc(0), { mode: 0o700 }, 'folder')
  await run({ from, to: bucket(a) })
  const keys: string[] = []
  for await (const page of bucket(a, 'a/b/one', 'p/').source.list({}, () => undefined))
    keys.push(...page.map(({ key }) => key))
  expect(keys).toEqual(['-', '/', 'x'])
})

test('a key that the prefix makes too long is parked, and the others go on', async () => {
  const a = await segment()
  const long = 'k'.repeat(1020)
  const { report, stats } = await run({
    from: filled({ [long]: bytes(1), short: bytes(2) }),
    to: bucket(a, 'a/b/one', 'prefix/'),
  })
  expect(report.parked.map(({ key }) => key)).toEqual([long])
  expect(stats).toMatchObject({ objectsPublished: 1, objectsParked: 1 })
})

test('the source wins over what was written at the sink, also with a version that the sink had before', async () => {
  const [a, b] = [await segment(), await segment()]
  await run({ from: filled({ x: bytes(1) }), to: bucket(a) })
  await run({ from: bucket(a), to: bucket(b) })
  await run({ from: filled({ x: bytes(9) }), to: bucket(b) })
  await run({ from: bucket(a), to: bucket(b) })
  expect(await contentsOf(bucket(b))).toEqual(await contentsOf(bucket(a)))
  expect(bucket(b).digested?.digest('content')).toBe(bucket(a).digested?.digest('content'))
})

test('a deleted object comes back when the source has it again', async () => {
  const [a, b] = [await segment(), await segment()]
  await run({ from: filled({ x: bytes(1), y: bytes(2) }), to: bucket(a) })
  await run({ from: bucket(a), to: bucket(b) })
  await run({ from: filled({ y: bytes(2) }), to: bucket(b) })
  expect(Object.keys(await contentsOf(bucket(b)))).toEqual(['y'])
  await run({ from: bucket(a), to: bucket(b) })
  expect(Object.keys(await contentsOf(bucket(b))).sort()).toEqual(['x', 'y'])
})

test('a folder, its bucket and their baseline: nothing is read twice, an edit at the bucket is undone', async () => {
  const a = await segment()
  const from = new MemoryFolder()
  from.write('x', bytes(1), { mode: 0o644, mtimeNs: 5n })
  const to = bucket(a)
  const ends = { from, to, baseline: to.baseline(from.identity) }
  await run(ends)
  await run(ends)
  expect(from.faults.count('source.read')).toBe(1)
  await run({ from: filled({ x: bytes(3) }), to })
  await run(ends)
  expect(from.faults.count('source.read')).toBe(2)
  expect(await contentsOf(to)).toEqual(folderContents(from))
})
