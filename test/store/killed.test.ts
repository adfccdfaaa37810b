import { appendFile, copyFile, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { PACK_HEADER_BYTES } from '../../src/format/pack.js'
import { encodeOwnerRow } from '../../src/format/rows-home.js'
import { objectKey } from '../../src/model/key.js'
import type { Segment } from '../../src/model/segment.js'
import { packKey } from '../../src/store/index/keys.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { openSegment } from '../../src/store/segment.js'
import { collected, done, inlineFile } from '../contracts/samples.js'
import { bucketOf, home } from './homes.js'
import { roundOf } from './writer.js'
import { listen, type Said, startWriter } from './writers.js'

const open = (where: string): Promise<Segment> => openSegment(where, { clock: systemClock })

/** Nothing that was said to be there is missing, everything is sound, and nothing is written again. */
async function expectKept(segment: Segment, name: string, said: Said): Promise<void> {
  const bucket = bucketOf(segment)
  for (const { key, id } of said.done) {
    const ids = segment.versions.versions(bucket, objectKey(key)).map(({ held }) => held?.id)
    expect(ids, `the versions of ${key}`).toContain(id)
  }
  expect((await segment.check({ readData: true })).damage).toEqual([])
  const { packBytes } = segment.use()
  for (const round of said.rounds) await segment.chunks.put(roundOf(name, round).chunks)
  await segment.chunks.flush()
  expect(segment.use().packBytes).toBe(packBytes)
}

test.each([1, 2, 20, 22, 45, 90, 200])(
  'a writer that is killed after %i acknowledgements loses none',
  async (count) => {
    const where = await home()
    const said = await listen(startWriter(where, 'w', 1000), ({ done: all }) => all.length >= count)
    expect(said.done.length).toBeGreaterThanOrEqual(count)
    const segment = await open(where)
    try {
      await expectKept(segment, 'w', said)
    } finally {
      await segment.close()
    }
  },
)

test('what was put, and never committed, is kept; the torn record behind it is cut off', async () => {
  const where = await home()
  const said = await listen(startWriter(where, 'w', 1000), ({ rounds }) => rounds.length >= 1)
  const packs = path.join(where, 'packs')
  const [last = ''] = (await readdir(packs)).sort().reverse()
  const size = (await stat(path.join(packs, last))).size
  await appendFile(path.join(packs, last), Buffer.concat([Buffer.of(1, 0, 0, 0, 0, 0, 0, 99), Buffer.alloc(70)]))
  const segment = await open(where)
  try {
    expect((await stat(path.join(packs, last))).size).toBe(size)
    await expectKept(segment, 'w', said)
  } finally {
    await segment.close()
  }
})

test('log records that the index does not know yet are replayed, once', async () => {
  const where = await home()
  const first = await open(where)
  const before = first.versions.position(bucketOf(first))
  await first.close()
  const index = path.join(where, 'index.mdb')
  let copied: Promise<void> | undefined
  const said = await listen(startWriter(where, 'w', 1000), ({ done: all, rounds }) => {
    if (rounds.length === 2) copied ??= copyFile(index, `${index}.before`)
    return all.length > 100
  })
  await copied
  await copyFile(`${index}.before`, index)
  const segment = await open(where)
  const position = segment.versions.position(bucketOf(segment))
  try {
    expect(position.journal).toBe(before.journal)
    expect(position.epoch).toBeGreaterThan(before.epoch)
    await expectKept(segment, 'w', said)
  } finally {
    await segment.close()
  }
  const again = await open(where)
  try {
    expect(again.versions.position(bucketOf(again))).toEqual(position)
  } finally {
    await again.close()
  }
})

test('names that the index does not know yet are replayed', async () => {
  const where = await home()
  const index = path.join(where, 'index.mdb')
  await copyFile(index, `${index}.before`)
  const first = await open(where)
  await first.names.create('Hawaii/Cola/bk2', { numberOfVersions: 3 })
  await first.names.create('Hawaii/Cola/bk3', {})
  await first.names.drop('Hawaii/Cola/bk3')
  await first.close()
  await copyFile(`${index}.before`, index)
  await pretendOrphan(where)
  const segment = await open(where)
  try {
    expect(segment.names.find('Hawaii/Cola/bk2')?.settings).toEqual({ numberOfVersions: 3 })
    expect(segment.names.find('Hawaii/Cola/bk3')).toBeUndefined()
  } finally {
    await segment.close()
  }
})

/** Gives the newest pack an owner that is gone: this one was closed well, and the index put back knows nothing of it. */
async function pretendOrphan(where: string): Promise<void> {
  const packs = (await readdir(path.join(where, 'packs'))).sort()
  const newest = Number.parseInt(packs.at(-1) ?? '', 16)
  const tables = openTables(where, path.join(where, 'index.mdb'))
  transact(tables, () => {
    const gone = {
      pid: 2 ** 22 + 1,
      startTicks: 1,
      boot: '00'.repeat(16),
      space: 0,
      indexed: PACK_HEADER_BYTES,
      sinceDense: 1,
    }
    tables.owners.putSync(packKey(newest), encodeOwnerRow(gone))
    writeIndexRow(tables, { ...readIndexRow(tables), nextPack: newest + 1 })
  })
  await tables.close()
}

test('two processes that write at once both succeed', async () => {
  const where = await home()
  const both = ['left', 'right'].map((name) => listen(startWriter(where, name, 40), () => false))
  const [left, right] = await Promise.all(both)
  if (left === undefined || right === undefined) throw new Error('two writers')
  expect(left.done.length).toBe(40 * 21)
  expect(right.done.length).toBe(40 * 21)
  const segment = await open(where)
  try {
    await expectKept(segment, 'left', left)
    await expectKept(segment, 'right', right)
    const listed = await collected(segment.versions.list(bucketOf(segment), {}))
    expect(listed.length).toBe(2 * 40 * 20 + 1)
    expect(listed.filter(({ held }) => held?.tips !== 1)).toEqual([])
    expect(segment.versions.versions(bucketOf(segment), objectKey('shared')).length).toBe(80)
  } finally {
    await segment.close()
  }
})

test('a process that only reads makes no pack, and one that wrote nothing leaves none', async () => {
  const where = await home()
  const before = await readdir(path.join(where, 'packs'))
  const segment = await open(where)
  segment.versions.counters(bucketOf(segment))
  await segment.versions.publish(bucketOf(segment), [], { overwrite: true })
  await segment.close()
  expect(await readdir(path.join(where, 'packs'))).toEqual(before)
})

test('a pack whose file was never made is made without a record, so that no number is without a file', async () => {
  const where = await home()
  await pretendOrphan(where)
  const [last = ''] = (await readdir(path.join(where, 'packs'))).sort().reverse()
  await rm(path.join(where, 'packs', last))
  const segment = await open(where)
  await segment.versions.publish(bucketOf(segment), [done('a', inlineFile('x'))], { overwrite: true })
  expect((await segment.check({ readData: true })).damage).toEqual([])
  await segment.close()
  expect(await readdir(path.join(where, 'packs'))).toContain(last)
})
