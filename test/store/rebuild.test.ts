import { appendFile, copyFile, cp, mkdir, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { objectKey } from '../../src/model/key.js'
import { mint } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { packPath } from '../../src/store/home.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { bucketRow } from '../../src/store/index/transaction.js'
import { thisProcess } from '../../src/store/process-identity.js'
import { rebuildIndex } from '../../src/store/rebuild/rebuild.js'
import { openSegment, withSegment } from '../../src/store/segment.js'
import { OTHER } from '../contracts/index-under-test.js'
import { done, inlineFile } from '../contracts/samples.js'
import { bucketOf, folder, home } from './homes.js'
import { commit, forgetIndex, indexOf, rebuilt, toldAt } from './rebuilding.js'
import { listen, startWriter } from './writers.js'

const options = { clock: systemClock }
const open = (where: string): Promise<Segment> => openSegment(where, options)

const write = (segment: Segment, key: string, text: string) =>
  segment.versions.publish(bucketOf(segment), [done(key, inlineFile(text))], { overwrite: true })

/** A home with as many packs as texts: each has one version of `a` and of a key of its own. */
async function homeOfPacks(texts: readonly string[]): Promise<string> {
  const where = await home()
  const writers = await Promise.all(texts.map(() => open(where)))
  for (const [i, segment] of writers.entries()) {
    await write(segment, 'a', texts[i] ?? '')
    await write(segment, `key ${i + 1}`, 'x')
  }
  for (const segment of writers) await segment.close()
  return where
}

const packNames = async (where: string): Promise<string[]> => (await readdir(path.join(where, 'packs'))).sort()

test('what was noted of the old journal means nothing in the new one', async () => {
  const where = await homeOfPacks(['1'])
  const before = await withSegment(where, options, async (segment) => segment.versions.position(bucketOf(segment)))
  await rebuilt(where)
  await withSegment(where, options, async (segment) => {
    const now = segment.versions.position(bucketOf(segment))
    expect(now.journal).not.toBe(before.journal)
    expect(segment.versions.changes(bucketOf(segment), before)).toBeUndefined()
    expect(segment.versions.changes(bucketOf(segment), now)).toBeDefined()
  })
})

test('a copy is still to be adopted when its index was made anew', async () => {
  const [where, copy] = [await home(), path.join(await folder(), 'copy')]
  await cp(where, copy, { recursive: true })
  for (const each of [where, copy]) await rebuilt(each)
  await withSegment(where, options, async ({ unadopted }) => expect(unadopted).toBe(false))
  await withSegment(copy, options, async ({ unadopted }) => expect(unadopted).toBe(true))
  await rebuilt(copy)
  await withSegment(copy, options, async ({ unadopted }) => expect(unadopted).toBe(true))
})

test('a home that was made anew is written to in packs of new numbers, and nothing is left beside the index', async () => {
  const where = await homeOfPacks(['1', '2', '3'])
  await forgetIndex(where)
  await rebuilt(where)
  const left = (await readdir(where)).filter((name) => !name.startsWith('gate.mdb'))
  expect(left.sort()).toEqual(['doorbell', 'index.mdb', 'packs', 'segment.json'])
  const [first, second] = [await open(where), await open(where)]
  await write(first, 'b', '1')
  await write(second, 'b', '2')
  await first.close()
  await second.close()
  const before = await toldAt(where)
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([])
  expect(await toldAt(where)).toEqual(before)
})

test('a floor is what it was', async () => {
  const where = await home()
  const [bucket, guid] = await withSegment(where, options, async (segment) => [bucketOf(segment), segment.guid])
  for (const stamp of [7000, 5000]) {
    await commit(where, guid, [{ kind: 'floor', bucket, stamp }], (tx) => tx.raiseFloor(bucket, stamp))
  }
  await forgetIndex(where)
  await rebuilt(where)
  const tables = openTables(where, indexOf(where))
  expect(bucketRow(tables, bucket).floor).toBe(7000)
  await tables.close()
})

test('a pack that is gone does not count though its file is still there, and is not missed once it is not', async () => {
  const where = await homeOfPacks(['1', '2', '3'])
  const guid = await withSegment(where, options, async (segment) => segment.guid)
  await commit(where, guid, [{ kind: 'gone', packs: [2] }], () => undefined)
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([])
  const names = ['00000001.pack', '00000003.pack']
  expect(await packNames(where)).toEqual(names)
  await withSegment(where, options, async (segment) => {
    const keys = ['key 1', 'key 2', 'key 3'].filter((key) => segment.versions.head(bucketOf(segment), objectKey(key)))
    expect(keys).toEqual(['key 1', 'key 3'])
    expect((await segment.check({ readData: true })).damage).toEqual([])
  })
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([])
})

test('a home that another process uses is left alone', async () => {
  const where = await home()
  const before = await stat(indexOf(where))
  const writer = startWriter(where, 'w', 1000)
  let refused: Promise<void> | undefined
  await listen(writer, () => {
    refused ??= expect(rebuilt(where))
      .rejects.toMatchObject({ code: 'CONFLICT', message: `process ${writer.pid} is using this home` })
      .finally(() => writer.kill('SIGKILL'))
    return false
  })
  await refused
  expect((await stat(indexOf(where))).ino).toBe(before.ino)
  expect((await rebuilt(where)).findings.filter(({ kind }) => kind !== 'note')).toEqual([])
})

test('one process at a time rebuilds; what a killed one left is cleared away', async () => {
  const where = await homeOfPacks(['1'])
  const { pid, startTicks, boot } = thisProcess()
  const running = path.join(where, `rebuild.${pid}.${startTicks}.${boot}`)
  await mkdir(running)
  await expect(rebuilt(where)).rejects.toMatchObject({ code: 'CONFLICT' })
  await rename(running, path.join(where, `rebuild.${pid}.${startTicks + 1}.${boot}`))
  await rebuilt(where)
  expect((await readdir(where)).filter((name) => name.startsWith('rebuild'))).toEqual([])
})

test.each([
  ['of another home', async (where: string) => copyFile(indexOf(await home()), indexOf(where))],
  ['cut short', (where: string) => truncate(indexOf(where), 20_000)],
  ['noise', (where: string) => writeFile(indexOf(where), Buffer.alloc(100_000, 0x5a))],
  ['empty', (where: string) => writeFile(indexOf(where), '')],
  ['not there', forgetIndex],
])('an index that is %s is replaced', async (_, spoil) => {
  const where = await homeOfPacks(['1', '2'])
  const before = await toldAt(where)
  await spoil(where)
  expect((await rebuilt(where)).findings).toEqual([])
  expect(await toldAt(where)).toEqual(before)
})

test.each([
  [
    'of another home',
    async (where: string) => copyFile(indexOf(await home()), indexOf(where)),
    'is that of another segment',
  ],
  ['not there', forgetIndex, 'is missing'],
  [
    'older than the packs',
    async (where: string) => copyFile(indexOf(where), `${indexOf(where)}.old`).then(() => addPack(where)),
    'is older than its packs',
  ],
])('an index that is %s is refused, and what to do is said', async (_, spoil, words) => {
  const where = await home()
  await spoil(where)
  await expect(open(where)).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining(words),
    hint: expect.stringMatching(/^efs system check --repair /),
  })
  await rebuilt(where)
  const segment = await open(where)
  expect((await segment.check({ readData: true })).damage).toEqual([])
  await segment.close()
})

/** Two write at once, so that a pack is begun, and the index of before is put back. */
async function addPack(where: string): Promise<void> {
  const [first, second] = [await open(where), await open(where)]
  await write(first, 'a', '1')
  await write(second, 'b', '2')
  await first.close()
  await second.close()
  await rename(`${indexOf(where)}.old`, indexOf(where))
}

test('an index of a newer format is not replaced', async () => {
  const where = await home()
  const tables = openTables(where, indexOf(where))
  transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), format: 99 }))
  await tables.close()
  await expect(rebuilt(where)).rejects.toMatchObject({ code: 'NEWER_FORMAT' })
})

test('a home of format 1 stays as it is where its upgrade would lose something', async () => {
  const where = path.join(await folder(), 'home')
  await cp('test/fixtures/home/v1', where, { recursive: true })
  const pack = packPath(where, 1)
  const bytes = await readFile(pack)
  bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
  await writeFile(pack, bytes)
  const before = await readFile(indexOf(where))
  await expect(open(where)).rejects.toMatchObject({
    code: 'CORRUPT',
    hint: expect.stringMatching(/^efs system check --repair /),
  })
  expect((await readFile(indexOf(where))).length).toBe(before.length)
  const { report } = await rebuilt(where)
  expect(report.damaged).toBe(1)
  const segment = await open(where)
  expect(segment.names.find('Hawaii/Cola/bk1')).toBeDefined()
  await segment.close()
})

test('a rebuild that is stopped changes nothing', async () => {
  const where = await homeOfPacks(['1'])
  await appendFile(packPath(where, 1), Buffer.alloc(7))
  const { size } = await stat(packPath(where, 1))
  const index = await readFile(indexOf(where))
  const stopped = rebuildIndex(where, { ...options, tell: () => Promise.resolve(), signal: AbortSignal.abort() })
  await expect(stopped).rejects.toThrow()
  expect((await stat(packPath(where, 1))).size).toBe(size)
  expect((await readFile(indexOf(where))).equals(index)).toBe(true)
})

test('a version that was removed and has come again is here after a rebuild', async () => {
  const where = await home()
  const manifest = mint(inlineFile('far'), [], OTHER, systemClock.nowMs())
  const version = { id: encodeManifest(manifest).id, manifest }
  await withSegment(where, options, async (segment) => {
    const arrive = () => segment.versions.publish(bucketOf(segment), [done('a', version)], { overwrite: false })
    await arrive()
    await segment.versions.expunge(bucketOf(segment), [objectKey('a')])
    expect((await arrive())[0]?.status).toBe('published')
    await write(segment, 'b', 'x')
    await segment.versions.expunge(bucketOf(segment), [objectKey('b')])
  })
  const before = await toldAt(where)
  await rebuilt(where)
  expect(await toldAt(where)).toEqual(before)
  await withSegment(where, options, async (segment) => {
    expect(segment.versions.head(bucketOf(segment), objectKey('a'))?.held?.id).toBe(version.id)
    expect(segment.versions.head(bucketOf(segment), objectKey('b'))).toBeUndefined()
  })
})
