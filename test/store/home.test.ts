import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { objectKey } from '../../src/model/key.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { initSegment, openSegment, withSegment } from '../../src/store/segment.js'
import { collected, done, HandClock, inlineFile, leaf } from '../contracts/samples.js'
import { bucketOf, expectOpens, folder, home } from './homes.js'

const options = { clock: systemClock }

test('a segment that was made is opened with the guid and time it was made with', async () => {
  const where = path.join(await folder(), 'a', 'b')
  const guid = await initSegment(where, { clock: new HandClock(1234) })
  const said = () =>
    withSegment(where, options, async (segment) => [
      segment.guid,
      segment.createdMs,
      segment.journal,
      segment.unadopted,
    ])
  const first = await said()
  expect(first).toEqual([guid, 1234, expect.any(String), false])
  expect(await said()).toEqual(first)
})

test('where there is no segment, opening says so and writes nothing', async () => {
  const empty = await folder()
  await expect(openSegment(empty, options)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `no segment in ${empty}`,
    hint: `efs --home ${empty} bucket create CLUSTER/TENANT/BUCKET makes it, or system init`,
  })
  expect(await readdir(empty)).toEqual([])
  await expect(openSegment(path.join(empty, 'none'), options)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await readdir(empty)).toEqual([])
  await writeFile(path.join(empty, 'file'), 'x')
  const taken = {
    code: 'NOT_FOUND',
    hint: 'it holds other things: name a folder that holds a segment, or one that is empty',
  }
  await expect(openSegment(path.join(empty, 'file'), options)).rejects.toMatchObject(taken)
  await expect(openSegment(empty, options)).rejects.toMatchObject(taken)
})

test('a segment is not made twice, and not in a folder of other things', async () => {
  const where = await home()
  const before = await readFile(path.join(where, 'segment.json'), 'utf8')
  await expect(initSegment(where, options)).rejects.toMatchObject({ code: 'EXISTS' })
  expect(await readFile(path.join(where, 'segment.json'), 'utf8')).toBe(before)
  const other = await folder()
  await writeFile(path.join(other, 'thesis.txt'), 'x')
  await expect(initSegment(other, options)).rejects.toMatchObject({ code: 'USAGE' })
  expect(await readdir(other)).toEqual(['thesis.txt'])
})

test('an init that was cut short is finished by the next one', async () => {
  const where = await folder()
  await mkdir(path.join(where, 'packs'))
  await writeFile(path.join(where, 'segment.json.1.partial'), '{')
  await initSegment(where, options)
  await (await openSegment(where, options)).close()
})

test.each([
  ['{"format":3,"guid":"x"}', 'NEWER_FORMAT'],
  [`{"format":2,"guid":"${'ab'.repeat(16)}","createdMs":1}`, 'CORRUPT'],
  ['{"format":1}', 'CORRUPT'],
  ['nonsense', 'CORRUPT'],
])('segment.json that says %s is %s', async (text, code) => {
  const where = await home()
  await writeFile(path.join(where, 'segment.json'), text)
  await expect(openSegment(where, options)).rejects.toMatchObject({ code })
})

test('an index of a newer format is refused', async () => {
  const where = await home()
  const tables = openTables(where, path.join(where, 'index.mdb'))
  transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), format: 3 }))
  await tables.close()
  await expect(openSegment(where, options)).rejects.toMatchObject({ code: 'NEWER_FORMAT' })
})

test('a position of an epoch that ended counts up to where that epoch ended', async () => {
  const where = await home()
  const write = (text: string) =>
    withSegment(where, options, async (segment) => {
      const bucket = bucketOf(segment)
      await segment.versions.publish(bucket, [done('a', inlineFile(text))], { overwrite: true })
      return segment.versions.position(bucket)
    })
  const old = await write('1')
  const tables = openTables(where, path.join(where, 'index.mdb'))
  transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), boot: 'ff'.repeat(16) }))
  await tables.close()
  await write('2')
  await withSegment(where, options, async (segment) => {
    const bucket = bucketOf(segment)
    const changes = segment.versions.changes(bucket, old)
    expect(changes && (await collected(changes)).length).toBe(1)
    expect(segment.versions.changes(bucket, { ...old, sequence: old.sequence + 1 })).toBeUndefined()
  })
})

test('publishing rings the doorbell', async () => {
  const where = await home()
  const clock = new HandClock(1_000_000)
  const bell = async () => (await stat(path.join(where, 'doorbell'))).mtimeMs
  await withSegment(where, { clock }, async (segment) => {
    clock.ms = 7_000_000
    await segment.versions.publish(bucketOf(segment), [done('a', inlineFile('x'))], { overwrite: true })
    await expect.poll(bell).toBe(7_000_000)
  })
})

test('chunks that were put are committed after a while though nobody publishes', async () => {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    await segment.chunks.put([leaf('alone')])
    await expect.poll(() => segment.use().chunks).toBe(1)
  })
})

test('what one process wrote another one opens', async () => {
  const where = await home()
  await withSegment(where, options, (segment) =>
    segment.versions.publish(bucketOf(segment), [done('b', inlineFile('x')), done('a', inlineFile('y'))], {
      overwrite: true,
    }),
  )
  await expectOpens(where, [objectKey('a'), objectKey('b')])
})

test('a home that one process opens twice serves both', async () => {
  const where = await home()
  const [first, second] = [await openSegment(where, options), await openSegment(where, options)]
  const bucket = bucketOf(first)
  await first.versions.publish(bucket, [done('a', inlineFile('1'))], { overwrite: true })
  await second.versions.publish(bucket, [done('a', inlineFile('2'))], { overwrite: true })
  await first.close()
  expect(second.versions.versions(bucket, objectKey('a')).length).toBe(2)
  expect((await second.check({ readData: true })).damage).toEqual([])
  await second.close()
})
