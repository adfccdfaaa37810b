import { appendFile, copyFile, open as openFile, rm, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { PACK_HEADER_BYTES, RECORD } from '../../src/format/pack.js'
import { objectKey } from '../../src/model/key.js'
import type { Finding, Segment } from '../../src/model/segment.js'
import { packName, packPath } from '../../src/store/home.js'
import { scanPack } from '../../src/store/packs/scan.js'
import { openSegment, withSegment } from '../../src/store/segment.js'
import { done, fileOf, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'
import { flip } from './flips.js'
import { bucketOf, home } from './homes.js'
import { forgetIndex, idsOf, rebuilt, toldAt } from './rebuilding.js'

const options = { clock: systemClock }
const TEXTS = ['leaf one', 'leaf two', 'leaf three']

/** A home whose first pack holds, in this order: three names, a chunk, three leaves, their node, and one commit of three objects. */
async function sample(): Promise<string> {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    const { node, leaves } = tree(TEXTS)
    await segment.chunks.put([leaf('alone'), ...leaves, node])
    const items = [done('alone', fileOf(leaf('alone'))), done('inline', inlineFile('x')), done('tree', treeFile(TEXTS))]
    await segment.versions.publish(bucketOf(segment), items, { overwrite: true })
  })
  return where
}

interface Found {
  readonly type: number
  readonly offset: number
  readonly end: number
}

async function recordsOf(where: string, pack: number): Promise<Found[]> {
  const file = await openFile(packPath(where, pack))
  const records: Found[] = []
  for await (const scanned of scanPack(file, (await file.stat()).size)) {
    if (scanned.kind === 'record') records.push({ type: scanned.header.type, offset: scanned.offset, end: scanned.end })
  }
  await file.close()
  return records
}

/** Flips a bit of the nth record of a type, and gives where the record begins. */
async function flipRecord(where: string, type: number, nth: number, pack = 1): Promise<number> {
  const record = (await recordsOf(where, pack)).filter((each) => each.type === type)[nth]
  if (record === undefined) throw new Error('no such record')
  await flip(packPath(where, pack), record.end - 1)
  return record.offset
}

const damaged = (pack: number, offset: number, what: string): Finding => ({
  kind: 'damage',
  damage: { pack: packName(pack), offset, what, harms: [] },
})
const notWhole = (offset: number): Finding => ({
  kind: 'damage',
  damage: { pack: packName(1), offset, what: expect.stringMatching(/^\d+ bytes are not a whole record$/), harms: [] },
})
const lost = (key: string, why: string | RegExp): Finding => ({
  kind: 'lost',
  lost: { path: `Hawaii/Cola/bk1/${key}`, version: expect.any(String), why: expect.stringMatching(why) },
})

const keysOf = (segment: Segment): string[] =>
  ['alone', 'inline', 'tree'].filter((key) => segment.versions.head(bucketOf(segment), objectKey(key)))

async function expectSound(where: string, keys: readonly string[]): Promise<void> {
  await withSegment(where, options, async (segment) => {
    expect(keysOf(segment)).toEqual(keys)
    expect((await segment.check({ readData: false })).damage).toEqual([])
  })
}

test.each([
  ['a chunk', RECORD.chunk, 0, 'alone', /^chunk [0-9a-f]{16} is not in any pack$/],
  ['a leaf', RECORD.chunk, 2, 'tree', /^chunk [0-9a-f]{16} is not in any pack$/],
  ['a node', RECORD.chunk, 4, 'tree', /^chunk [0-9a-f]{16} is not in any pack$/],
  ['a manifest', RECORD.manifest, 1, 'inline', 'its manifest is not in any pack'],
])('where %s is damaged, its object is lost and no other, and it is wanted again', async (_, type, nth, key, why) => {
  const where = await sample()
  const offset = await flipRecord(where, type, nth)
  await forgetIndex(where)
  const { findings, report } = await rebuilt(where)
  expect(findings).toEqual([notWhole(offset), lost(key, why)])
  expect(report).toMatchObject({ damaged: 1, lost: 1, versions: 2 })
  await expectSound(
    where,
    ['alone', 'inline', 'tree'].filter((each) => each !== key),
  )
  await withSegment(where, options, async (segment) => {
    const { node, leaves } = tree(TEXTS)
    await segment.chunks.put([leaf('alone'), ...leaves, node])
    const items = [done('alone', fileOf(leaf('alone'))), done('inline', inlineFile('x')), done('tree', treeFile(TEXTS))]
    await segment.versions.publish(bucketOf(segment), items, { overwrite: true })
  })
  await expectSound(where, ['alone', 'inline', 'tree'])
})

test('where the record of a commit is damaged, the old index tells what was lost', async () => {
  const where = await sample()
  await withSegment(where, options, (segment) =>
    segment.versions.publish(bucketOf(segment), [done('later', inlineFile('y'))], { overwrite: true }),
  )
  const offset = await flipRecord(where, RECORD.log, 3)
  const { findings } = await rebuilt(where)
  const why = 'no pack tells of it'
  expect(findings).toEqual([notWhole(offset), lost('alone', why), lost('inline', why), lost('tree', why)])
  await expectSound(where, [])
})

test('where the name of a bucket is damaged, the bucket is lost; where that of its parent is, it is made', async () => {
  const [bucket, parent] = [await sample(), await sample()]
  const uid = await withSegment(bucket, options, async (segment) => bucketOf(segment))
  const offset = await flipRecord(bucket, RECORD.log, 2)
  await forgetIndex(bucket)
  expect((await rebuilt(bucket)).findings).toEqual([
    notWhole(offset),
    { kind: 'lost', lost: { path: `bucket ${uid}`, version: undefined, why: 'no pack names this bucket' } },
  ])
  await flipRecord(parent, RECORD.log, 1)
  await forgetIndex(parent)
  expect((await rebuilt(parent)).findings[1]).toEqual({
    kind: 'lost',
    lost: { path: 'Hawaii/Cola', version: undefined, why: 'no pack names it; it is there again, without its settings' },
  })
  await expectSound(parent, ['alone', 'inline', 'tree'])
  await withSegment(parent, options, async ({ names }) => expect(names.children('Hawaii').length).toBe(1))
})

test('a torn end is cut off, and is no damage', async () => {
  const where = await sample()
  const before = await toldAt(where)
  const { size } = await stat(packPath(where, 1))
  await appendFile(packPath(where, 1), Buffer.concat([Buffer.of(1, 0, 0, 0, 0, 0, 0, 99), Buffer.alloc(70)]))
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([
    { kind: 'note', text: 'cut 78 bytes off the end of 00000001.pack: a record that was not finished' },
  ])
  expect((await stat(packPath(where, 1))).size).toBe(size)
  expect(await toldAt(where)).toEqual(before)
})

test('a pack whose header was not finished is begun again', async () => {
  const where = await sample()
  await appendFile(packPath(where, 2), 'EFSPA')
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([{ kind: 'note', text: '00000002.pack was begun and holds nothing' }])
  await withSegment(where, options, async (segment) =>
    expect((await segment.check({ readData: true })).damage).toEqual([]),
  )
})

test('a damaged header is told, and the records behind it count', async () => {
  const where = await sample()
  await flip(packPath(where, 1), 9)
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([damaged(1, 0, 'the header of the pack is damaged')])
  await withSegment(where, options, async (segment) => expect(keysOf(segment).length).toBe(3))
})

/** Three packs by three who write at once; the chunk is written by the first two. */
async function threePacks(): Promise<string> {
  const where = await home()
  const writers = await Promise.all([1, 2, 3].map(() => openSegment(where, options)))
  const [first, second, third] = writers
  if (first === undefined || second === undefined || third === undefined) throw new Error('three writers')
  await Promise.all([first.chunks.put([leaf('alone')]), second.chunks.put([leaf('alone')])])
  for (const segment of [first, second]) await segment.chunks.flush()
  const publish = (segment: Segment, key: string, content = inlineFile('x')) =>
    segment.versions.publish(bucketOf(segment), [done(key, content)], { overwrite: true })
  await publish(second, 'inline')
  await publish(third, 'alone', fileOf(leaf('alone')))
  for (const segment of writers) await segment.close()
  return where
}

test('a chunk that stands twice is lost only when both are', async () => {
  const where = await threePacks()
  const offset = await flipRecord(where, RECORD.chunk, 0)
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([notWhole(offset)])
  await expectSound(where, ['alone', 'inline'])
})

test('a missing pack is told, and what the old index had from it', async () => {
  const where = await threePacks()
  const ids = await withSegment(where, options, async (segment) => idsOf(segment, bucketOf(segment), 'inline'))
  await rm(packPath(where, 2))
  const missing = damaged(2, 0, 'the pack is missing')
  const { findings } = await rebuilt(where)
  expect(findings).toEqual([missing, lost('inline', 'no pack tells of it')])
  expect(findings[1]).toMatchObject({ lost: { version: ids[0] } })
  await expectSound(where, ['alone'])
  await forgetIndex(where)
  expect((await rebuilt(where)).findings).toEqual([missing])
})

test('the pack of another segment, and a copy of one of ours, are told and do not count', async () => {
  const [where, other] = [await sample(), await sample()]
  await copyFile(packPath(other, 1), packPath(where, 7))
  await copyFile(packPath(where, 1), packPath(where, 9))
  const told = [damaged(7, 0, 'the pack is of another segment'), damaged(9, 0, 'the pack is a copy of 00000001.pack')]
  await forgetIndex(where)
  const { findings, report } = await rebuilt(where)
  expect(findings).toEqual(told)
  expect(report).toMatchObject({ packs: 1, versions: 3 })
  const [first, second] = [await openSegment(where, options), await openSegment(where, options)]
  for (const segment of [first, second]) {
    await segment.versions.publish(bucketOf(segment), [done('new', inlineFile('n'))], { overwrite: true })
  }
  for (const segment of [first, second]) await segment.close()
  const before = await toldAt(where)
  expect((await stat(packPath(where, 10))).size).toBeGreaterThan(PACK_HEADER_BYTES)
  await forgetIndex(where)
  expect((await rebuilt(where)).findings.slice(0, 2)).toEqual(told)
  expect(await toldAt(where)).toEqual(before)
})
