import { expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import type { Chunk } from '../../src/model/chunk.js'
import { objectKey } from '../../src/model/key.js'
import { Faults } from '../fakes/faults.js'
import { MemoryBaseline } from '../fakes/memory-baseline.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { run } from './runs.js'
import { bucketContents, folderContents } from './trees.js'

/** Distinct chunks, a tree of depth 3. */
const big = (seed: number): Buffer =>
  Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 7 + seed + (i >> 4)) % 256))

function leafOf(bucket: MemoryBucket, key: string, node: boolean): Chunk {
  const root = bucket.heads.get(objectKey(key))?.manifest.root
  if (root === undefined || 'inline' in root) throw new Error('no tree')
  const only = bucket.chunks.all().find(({ ref }) => ref.node === node && ref.id !== root.ref.id)
  if (only === undefined) throw new Error('no such chunk')
  return only
}

for (const node of [false, true]) {
  for (const kind of ['bucket', 'folder']) {
    test(`a lost ${node ? 'node' : 'chunk'} parks its object and no other, into a ${kind}`, async () => {
      const from = new MemoryBucket()
      const to = kind === 'bucket' ? new MemoryBucket() : new MemoryFolder()
      from.write('broken', big(1))
      const lost = leafOf(from, 'broken', node)
      for (const name of ['a', 'z']) from.write(name, big(name.charCodeAt(0)))
      from.chunks.lose([lost])
      const { report, settled, stats } = await run({ from, to })
      expect(report.parked).toEqual([{ key: 'broken', why: `chunk ${lost.ref.id.slice(0, 16)} is not here` }])
      expect(settled.map(({ key, status }) => `${key} ${status}`).sort()).toEqual([
        'a published',
        'broken parked',
        'z published',
      ])
      expect(stats).toMatchObject({ objectsPublished: 2, objectsParked: 1 })
      const contents = to instanceof MemoryBucket ? bucketContents(to) : folderContents(to)
      expect(Object.keys(contents).sort()).toEqual(['a', 'z'])
    })
  }
}

test('a version that is gone between listing and fetching parks its object', async () => {
  const faults = new Faults()
  const from = new MemoryBucket(faults)
  const gone = new EfsError('NOT_FOUND', 'the version was pruned')
  for (const name of ['a', 'b', 'c']) from.write(name, big(name.charCodeAt(0)))
  // All at once, then one by one: the third call is for `b`.
  for (const nth of [1, 3])
    faults.plan('source.versions', nth, () => {
      throw gone
    })
  const to = new MemoryBucket()
  const { report } = await run({ from, to })
  expect(faults.unreached()).toEqual([])
  expect(report.parked).toEqual([{ key: 'b', why: 'the version was pruned' }])
  expect(Object.keys(bucketContents(to)).sort()).toEqual(['a', 'c'])
})

const stops: [string, string][] = [
  ['listing', 'list'],
  ['missing', 'sink.missing'],
  ['put', 'sink.put'],
  ['publish', 'sink.publish'],
]

test.each(stops)('a failing disk stops the run, and the next one ends it: %s', async (_, call) => {
  const faults = new Faults()
  const from = new MemoryBucket()
  const to = new MemoryBucket(faults)
  for (let i = 0; i < 5; i++) from.write(`f${i}`, big(i))
  const full = new EfsError('DISK_FULL', 'the disk is full')
  faults.plan(call, 1, () => {
    throw full
  })
  await expect(run({ from, to })).rejects.toBe(full)
  expect(faults.unreached()).toEqual([])
  await run({ from, to })
  expect(bucketContents(to)).toEqual(bucketContents(from))
})

test('chunks that vanish before publish are put again', async () => {
  const faults = new Faults()
  const from = new MemoryFolder()
  const to = new MemoryBucket(faults)
  from.write('small', Buffer.alloc(20, 'abcdefgh'))
  faults.plan('sink.publish', 1, () => to.chunks.lose(to.chunks.all()))
  const { report, stats } = await run({ from, to })
  expect(faults.unreached()).toEqual([])
  expect(report.parked).toEqual([])
  expect(stats.objectsPublished).toBe(1)
  expect(bucketContents(to)).toEqual(folderContents(from))
})

test('chunks that vanish again park the object, and the next run ends it', async () => {
  const faults = new Faults()
  const from = new MemoryFolder()
  const to = new MemoryBucket(faults)
  from.write('small', Buffer.alloc(20, 'abcdefgh'))
  for (const nth of [1, 2]) faults.plan('sink.publish', nth, () => to.chunks.lose(to.chunks.all()))
  const { report } = await run({ from, to })
  expect(faults.unreached()).toEqual([])
  expect(report.parked).toEqual([{ key: 'small', why: 'chunks of it vanished while it was written; run again' }])
  expect((await run({ from, to })).report.parked).toEqual([])
  expect(bucketContents(to)).toEqual(folderContents(from))
})

test('a file that cannot be read is parked, is no delete, and has no baseline', async () => {
  const from = new MemoryFolder()
  const to = new MemoryBucket()
  const baseline = new MemoryBaseline()
  for (const name of ['a', 'b']) from.write(name, big(1))
  await run({ from, to, baseline })
  from.write('b', big(2))
  from.closed.add('b')
  const before = baseline.rows.get(objectKey('b'))
  const { report } = await run({ from, to, baseline })
  expect(report.parked).toEqual([{ key: 'b', why: 'it cannot be read' }])
  expect(Object.keys(bucketContents(to))).toEqual(['a', 'b'])
  expect(baseline.rows.get(objectKey('b'))).toEqual(before)
})

test('a baseline is written only for what the sink has acknowledged', async () => {
  const faults = new Faults()
  const from = new MemoryFolder()
  const to = new MemoryBucket(faults)
  const baseline = new MemoryBaseline()
  for (let i = 0; i < 12; i++) from.write(`f${i}`, Buffer.alloc(30, `${i}`))
  const failed = new Error('the power')
  faults.plan('sink.publish', 2, () => {
    throw failed
  })
  await expect(run({ from, to, baseline })).rejects.toBe(failed)
  expect(faults.unreached()).toEqual([])
  for (const [key, row] of baseline.rows) expect(to.heads.get(key)?.id).toBe(row.id)
  expect(baseline.rows.size).toBeLessThan(12)
  await run({ from, to, baseline })
  expect(baseline.rows.size).toBe(12)
  from.remove('f3')
  await run({ from, to, baseline })
  expect(baseline.rows.has(objectKey('f3'))).toBe(false)
})
