import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { Faults } from '../fakes/faults.js'
import { MemoryBaseline } from '../fakes/memory-baseline.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { run } from './runs.js'
import { bucketContents, folderContents } from './trees.js'

const text = Buffer.from('some text of more than a chunk')
const guarded = { guard: { force: false } }

test('a file becomes a folder and a folder a file, in a plain sink too', async () => {
  const from = new MemoryBucket()
  const to = new MemoryFolder()
  from.write('a', text)
  from.write('b/', Buffer.alloc(0), { mode: 0o700, mtimeNs: 1n }, 'folder')
  from.write('b/x', text)
  await run({ from, to })
  from.remove('a')
  from.write('a/', Buffer.alloc(0), { mode: 0o755, mtimeNs: 2n }, 'folder')
  from.write('a/y', text)
  from.remove('b/')
  from.remove('b/x')
  from.write('b', text)
  const { report } = await run({ from, to })
  expect(report.parked).toEqual([])
  expect(folderContents(to)).toEqual(bucketContents(from))
})

test('without delete, what is in the place of something of another kind stays, and that is told', async () => {
  const from = new MemoryBucket()
  const to = new MemoryFolder()
  to.write('a/', Buffer.alloc(0), {}, 'folder')
  to.write('a/x', text)
  from.write('a', text)
  const { report } = await run({ from, to }, { policy: { deleteExtra: false, checksum: false } })
  expect(report.parked).toEqual([{ key: 'a', why: 'something of another kind is in its place' }])
  expect(Object.keys(folderContents(to)).sort()).toEqual(['a/', 'a/x'])
})

test('a folder that holds something of the source is not extra in a plain sink', async () => {
  const from = new MemoryBucket()
  const to = new MemoryFolder()
  from.write('p/q/x', text)
  to.write('p/', Buffer.alloc(0), {}, 'folder')
  to.write('p/old/', Buffer.alloc(0), {}, 'folder')
  to.write('p/old/y', text)
  const ends = { from, to, baseline: new MemoryBaseline() }
  await run(ends)
  expect(Object.keys(folderContents(to)).sort()).toEqual(['p/', 'p/q/', 'p/q/x'])
  const { settled } = await run(ends)
  expect(settled).toEqual([])
})

test('a parked folder deletes nothing below it, whichever side cannot be looked at', async () => {
  const from = new MemoryFolder()
  const to = new MemoryBucket()
  from.write('a/', Buffer.alloc(0), {}, 'folder')
  from.write('a/x', text)
  from.write('b', text)
  await run({ from, to })
  const before = bucketContents(to)
  from.closed.add('a/')
  from.remove('b')
  const { report, stats } = await run({ from, to })
  expect(report.parked).toEqual([{ key: 'a/', why: 'it cannot be opened' }])
  expect(stats).toMatchObject({ objectsDeleted: 1, objectsParked: 1 })
  const { b: _, ...rest } = before
  expect(bucketContents(to)).toEqual(rest)

  const copy = new MemoryFolder()
  copy.write('a/', Buffer.alloc(0), {}, 'folder')
  copy.write('a/old', text)
  copy.closed.add('a/')
  const back = await run({ from: to, to: copy })
  expect(back.report.parked).toEqual([{ key: 'a/', why: 'it cannot be opened' }])
  expect(Object.keys(folderContents(copy))).toEqual(['a/', 'a/old'])
})

test('the guard stops before anything is written', async () => {
  const faults = new Faults()
  const from = new MemoryFolder()
  const to = new MemoryBucket(faults)
  for (let i = 0; i < 5; i++) to.write(`f${i}`, text)
  await expect(run({ from, to }, guarded)).rejects.toMatchObject({
    code: 'GUARD',
    message: 'stopped by the guard: the source is empty and 5 objects would be deleted',
    hint: 'if that is meant: --force, or --max-delete 100%',
  })
  for (const call of ['sink.put', 'sink.publish', 'sink.finish']) expect(faults.count(call)).toBe(0)
  await run({ from, to }, { guard: { force: false, maxDelete: { percent: 100 } } })
  expect(bucketContents(to)).toEqual({})
})

test('the guard stops a run that by now deletes more than was allowed', async () => {
  const faults = new Faults()
  const from = new MemoryFolder(faults)
  const to = new MemoryBucket()
  for (let i = 0; i < 10; i++) {
    from.write(`f${i}`, text)
    to.write(`f${i}`, text)
  }
  from.remove('f0')
  // The first listing is the guard's, the second that of the copies.
  faults.plan('list', 3, () => from.entries.clear())
  await expect(run({ from, to }, { guard: { force: false, maxDelete: { count: 2 } } })).rejects.toMatchObject({
    code: 'GUARD',
  })
  expect(faults.unreached()).toEqual([])
  expect(Object.keys(bucketContents(to)).length).toBeGreaterThanOrEqual(8)
})

test.each(['bucket', 'folder'] as const)(
  'what is left out from the start is neither deleted nor brought to a %s',
  async (kind) => {
    const from = kind === 'bucket' ? new MemoryFolder() : new MemoryBucket()
    const to = kind === 'bucket' ? new MemoryBucket() : new MemoryFolder()
    for (const side of [from, to]) side.write('a/', Buffer.alloc(0), {}, 'folder')
    to.write('a/old', text)
    from.write('a/new', text)
    from.write('b', text)
    const leftOut = [{ key: objectKey('a/'), why: 'no disk is there' }]
    const { report } = await run({ from, to }, { leftOut, guard: { force: false } })
    expect(report.parked).toEqual(leftOut)
    const has = to instanceof MemoryBucket ? bucketContents(to) : folderContents(to)
    expect(Object.keys(has).sort()).toEqual(['a/', 'a/old', 'b'])
  },
)

test('where a side does not stand any more, nothing is deleted', async () => {
  const from = new MemoryFolder()
  const to = new MemoryBucket()
  from.write('a', text)
  from.write('b', text)
  await run({ from, to })
  const before = bucketContents(to)
  from.remove('a')
  const stands = () => {
    throw new Error('it was unmounted')
  }
  await expect(run({ from, to }, { stands })).rejects.toThrow('it was unmounted')
  expect(bucketContents(to)).toEqual(before)
})
