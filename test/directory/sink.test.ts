import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { temporaryIn } from '../../src/base/temporary.js'
import { DirectorySink } from '../../src/endpoints/directory/sink.js'
import { emptyFolder, makeFile, run, runWithoutPower } from './folders.js'
import { listAll } from './reading.js'
import { copyAll, deleted, done, file, folder, pages, publish, sinkOf, slice, sparse, told } from './sinking.js'

const mtimeOf = (file: string): bigint => lstatSync(file, { bigint: true }).mtimeNs
const modeOf = (file: string): number => lstatSync(file).mode & 0o7777
const names = (root: string): string[] => readdirSync(root).sort()

/** Everything that is kept of a tree, beside its bytes. */
async function shape(root: string): Promise<unknown[]> {
  return (await listAll(root)).rows.map(({ key, kind, size, mode, mtimeNs }) => ({ key, kind, size, mode, mtimeNs }))
}

function makeTree(root: string): void {
  makeFile(root, 'empty')
  makeFile(root, 'small', 'a few bytes')
  makeFile(root, 'deep/er/one chunk', randomBytes(5000))
  makeFile(root, 'deep/er/text', 'compresses well '.repeat(2000))
  makeFile(root, 'many chunks', randomBytes(9_000_000))
  const twice = randomBytes(200_000)
  makeFile(root, 'same twice', Buffer.concat([twice, Buffer.alloc(300_000), twice]))
  makeFile(root, 'line\nbreak 🎈', 'x')
  makeFile(root, 'zeros', Buffer.alloc(3_000_000))
  mkdirSync(path.join(root, 'nothing in it'))
  symlinkSync('deep/er', path.join(root, 'to a folder'))
  symlinkSync('/nowhere/at all', path.join(root, 'dangling'))
  chmodSync(path.join(root, 'small'), 0o1751)
  run('touch', '-h', '-d', '@1234567890.123456789', path.join(root, 'dangling'))
  run('touch', '-d', '@1500000000.987654321', path.join(root, 'small'))
  run('touch', '-d', '@-5.000000001', path.join(root, 'empty'))
  chmodSync(path.join(root, 'deep/er'), 0o555)
  run('touch', '-d', '@1600000000.000000001', path.join(root, 'deep/er'))
  run('touch', '-d', '@1400000000.5', path.join(root, 'deep'))
}

test('a tree comes out as it went in: bytes, modes, links, times to the nanosecond', async () => {
  const [from, to] = [emptyFolder(), emptyFolder()]
  makeTree(from)
  expect(await copyAll(from, to, (await listAll(from)).rows)).toEqual([])
  run('diff', '-r', '--no-dereference', from, to)
  expect(await shape(to)).toEqual(await shape(from))
  expect(await copyAll(from, to, (await listAll(from)).rows), 'a second time, over what is there').toEqual([])
  expect(await shape(to)).toEqual(await shape(from))
})

test('holes are not written', async () => {
  const root = emptyFolder()
  const sink = sinkOf(root)
  const a = slice(1, 0, randomBytes(8192))
  const b = slice(1, 50_000_000, randomBytes(8192))
  await sink.put([b.chunk], [b.slice])
  await sink.put([a.chunk], [a.slice])
  const results = await sink.publish(
    [done('sparse', sparse(80_000_000), undefined, 1), done('only a hole', sparse(9_000_000), undefined, 2)],
    { overwrite: true },
  )
  expect(told(results)).toEqual(['published', 'published'])
  const stat = lstatSync(path.join(root, 'sparse'))
  expect(stat.size).toBe(80_000_000)
  expect(stat.blocks * 512).toBeLessThan(200_000)
  expect(lstatSync(path.join(root, 'only a hole'))).toMatchObject({ size: 9_000_000, blocks: 0 })
  const bytes = readFileSync(path.join(root, 'sparse'))
  expect(bytes.subarray(0, 8192).equals(a.chunk.data)).toBe(true)
  expect(bytes.subarray(50_000_000, 50_008_192).equals(b.chunk.data)).toBe(true)
})

test('what is left of an object that never was complete is no part of the next one with its number', async () => {
  const root = emptyFolder()
  const sink = sinkOf(root)
  const left = slice(1, 0, randomBytes(8192))
  sink.begin([done('left', sparse(20_000), undefined, 1)])
  await sink.put([left.chunk], [left.slice])
  const next = done('next', sparse(9000), undefined, 1)
  sink.begin([next])
  expect(told(await sink.publish([next], { overwrite: true }))).toEqual(['published'])
  expect(readFileSync(path.join(root, 'next')).equals(Buffer.alloc(9000))).toBe(true)
  expect(readdirSync(root)).toEqual(['next'])
})

test('one chunk serves several slices of several objects, compressed or not', async () => {
  const root = emptyFolder()
  const sink = sinkOf(root)
  const part = slice(1, 0, Buffer.alloc(10_000, 'text'), true)
  expect(part.chunk.data.length).toBeLessThan(1000)
  await sink.put([part.chunk], [part.slice, { ...part.slice, offset: 10_000 }, { ...part.slice, object: 2 }])
  await sink.publish([done('a', sparse(20_000), undefined, 1), done('b', sparse(10_000), undefined, 2)], {
    overwrite: true,
  })
  expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('text'.repeat(5000))
  expect(readFileSync(path.join(root, 'b'), 'utf8')).toBe('text'.repeat(2500))
})

test('what is written is told as it stands there', async () => {
  const root = emptyFolder()
  const [result] = await publish(root, file('a', 'text', { mode: 0o640, mtimeNs: 1_234_567_890_123_456_789n }))
  const { rows } = await listAll(root)
  if (result?.status !== 'published') throw new Error(told([result ?? { status: 'superseded' }])[0])
  expect({ ...result.seen, takenMs: 0 }).toEqual({ ...rows[0]?.seen, takenMs: 0 })
  expect(rows[0]).toMatchObject({ key: 'a', size: 4, mode: 0o640, mtimeNs: 1_234_567_890_123_456_789n })
})

test('deletes: files, links, folders in any order; a folder that holds something stays and is named', async () => {
  const root = emptyFolder()
  makeFile(root, 'a/b/c')
  makeFile(root, 'a/d')
  makeFile(root, 'full/extra')
  makeFile(root, 'full/x')
  symlinkSync('a', path.join(root, 'link'))
  const rows = new Map((await listAll(root)).rows.map((row) => [row.key as string, row]))
  const sink = sinkOf(root)
  const gone = (...keys: string[]) =>
    sink.publish(
      keys.map((key) => deleted(key, rows.get(key))),
      { overwrite: true },
    )
  expect(told(await gone('a/', 'a/b/', 'a/b/c'))).toEqual(['published', 'published', 'published'])
  expect(existsSync(path.join(root, 'a/b'))).toBe(false)
  expect(told(await gone('a/d', 'full/', 'full/x', 'link', 'never'))).toEqual([
    ...Array.from({ length: 4 }, () => 'published'),
    'known',
  ])
  expect(names(root)).toEqual(['full'])
  const parked = await sink.finish(pages())
  expect(parked).toEqual([{ key: 'full/', why: 'it holds what was not deleted' }])
})

test('leftovers of processes that are gone are removed, of living ones not', async () => {
  const root = emptyFolder()
  const own = path.basename(temporaryIn(root))
  const of = (pid: number): string => own.replace(`-${process.pid}-`, `-${pid}-`)
  for (const name of [of(999999999), own, '.efs-notes']) makeFile(root, name)
  makeFile(root, `${of(999999998)}/case-a`)
  await publish(root, file('a'))
  expect(names(root)).toEqual([own, '.efs-notes', 'a'].sort())
})

test('what another machine or container writes is removed when it is a day old', async () => {
  const root = emptyFolder()
  const foreign = '.efs-999999999-0011223344556677.partial'
  makeFile(root, foreign)
  const sinkAt = (nowMs: number) => new DirectorySink(root, { ...systemClock, nowMs: () => nowMs })
  const now = systemClock.nowMs()
  await sinkAt(now + 23 * 3_600_000).publish([file('a')], { overwrite: true })
  expect(names(root)).toEqual([foreign, 'a'].sort())
  await sinkAt(now + 25 * 3_600_000).publish([file('b')], { overwrite: true })
  expect(names(root)).toEqual(['a', 'b'])
})

test('an object that was never completed leaves nothing', async () => {
  const root = emptyFolder()
  const sink = sinkOf(root)
  const part = slice(1, 0, randomBytes(1000))
  await sink.put([part.chunk], [part.slice])
  expect(names(root)).toHaveLength(1)
  sink.close()
  expect(names(root)).toEqual([])
})

test('folders get mode and time after all that is in them', async () => {
  const root = emptyFolder()
  await publish(root, folder('a/', { mode: 0o500 }), file('a/b/c'))
  const attributes = { mode: 0o500, mtimeNs: 1_000_000_000_000_000_003n }
  const parked = await sinkOf(root).finish(
    pages([folder('a/', attributes), folder('a/b/', attributes)], [folder('missing/', attributes)]),
  )
  expect(parked).toEqual([])
  for (const key of ['a', 'a/b']) {
    expect(modeOf(path.join(root, key))).toBe(attributes.mode)
    expect(mtimeOf(path.join(root, key))).toBe(attributes.mtimeNs)
  }
})

test('a folder that forbids writing is written into all the same, by one without power over modes', () => {
  const root = emptyFolder()
  makeFile(root, 'closed/old')
  chmodSync(path.join(root, 'closed'), 0o555)
  const script = new URL('./sink-script.js', import.meta.url)
  expect(runWithoutPower(script, root)).toEqual({ results: ['published', 'published', 'published'], parked: [] })
  expect(names(path.join(root, 'closed'))).toEqual(['inner', 'new'])
  expect(modeOf(path.join(root, 'closed'))).toBe(0o555)
})
