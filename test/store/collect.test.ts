import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Chunk } from '../../src/model/chunk.js'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import type { CollectOptions, CollectReport } from '../../src/model/segment.js'
import { openSegment, withSegment } from '../../src/store/segment.js'
import { done, fileOf, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'
import { ALL, homeWith, options, sound, write } from './collecting.js'
import { bucketOf, home } from './homes.js'
import { listen, startWriter } from './writers.js'

const text = (seed: number, bytes: number): string => `${seed} `.repeat(bytes).slice(0, bytes)
const leaves = (count: number, bytes = 4000): Chunk[] => Array.from({ length: count }, (_, i) => leaf(text(i, bytes)))

const packBytes = (where: string): number =>
  readdirSync(path.join(where, 'packs')).reduce((sum, name) => sum + statSync(path.join(where, 'packs', name)).size, 0)

/** Each run in a process life of its own. */
const collectIn = (where: string, more: Partial<CollectOptions> = {}): Promise<CollectReport> =>
  withSegment(where, options, async (segment) => {
    const report = await segment.collect({ ...ALL, ...more })
    await sound(segment)
    return report
  })

test('what nothing needs is condemned by one run and deleted by the next, and its bytes are freed', async () => {
  const [used, unused] = [leaves(10), Array.from({ length: 50 }, (_, i) => leaf(text(100 + i, 4000)))]
  const where = await homeWith(
    [...used, ...unused],
    used.map((chunk, i) => done(`k${i}`, fileOf(chunk))),
  )
  const before = packBytes(where)
  const dry = await collectIn(where, { dryRun: true })
  expect([dry.live.chunks, dry.condemned.chunks, dry.deleted.chunks]).toEqual([10, 50, 0])
  const first = await collectIn(where)
  expect([first.live.chunks, first.condemned.chunks, first.deleted.chunks]).toEqual([10, 50, 0])
  expect(first.kept.map(({ why }) => why)).toContain(
    'condemned now; the next run deletes it, unless something needs it by then',
  )
  expect(packBytes(where)).toBeGreaterThan(before * 0.99)
  const second = await collectIn(where)
  expect([second.live.chunks, second.condemned.chunks, second.deleted.chunks]).toEqual([10, 0, 50])
  expect(second.packs.rewritten).toBe(1)
  expect(packBytes(where)).toBeLessThan(before * 0.25)
  const third = await collectIn(where)
  expect(third).toMatchObject({ deleted: { chunks: 0 }, condemned: { chunks: 0 }, packs: { rewritten: 0 } })
  await withSegment(where, options, async (segment) => {
    expect(segment.chunks.missing([...used, ...unused].map(({ ref }) => ref))).toEqual(unused.map(({ ref }) => ref))
    expect((await segment.chunks.get(used.map(({ ref }) => ref))).length).toBe(10)
  })
})

test('what is published between two runs is pardoned, with all that is under it', async () => {
  const texts = ['left', 'right', 'middle']
  const { node, leaves: under } = tree(texts)
  const where = await homeWith([...under, node], [done('a', treeFile(texts))])
  await withSegment(where, options, (segment) => segment.versions.expunge(bucketOf(segment), [objectKey('a')]))
  expect((await collectIn(where)).condemned.chunks).toBe(4)
  await withSegment(where, options, async (segment) => {
    expect(segment.chunks.missing([node.ref])).toEqual([node.ref])
    expect(await write(segment, [done('b', treeFile(texts))])).toEqual(['published'])
  })
  expect(await collectIn(where)).toMatchObject({
    live: { chunks: 4 },
    deleted: { chunks: 0 },
    condemned: { chunks: 0 },
  })
  expect((await collectIn(where)).deleted.chunks).toBe(0)
})

test('what is only marked as live again is pardoned by the run itself', async () => {
  const [chunk = leaf('')] = leaves(1)
  const where = await homeWith([chunk], [])
  await collectIn(where)
  await withSegment(where, options, async (segment) => {
    await write(segment, [done('a', fileOf(chunk))])
    await segment.versions.expunge(bucketOf(segment), [objectKey('a')])
    await write(segment, [done('b', fileOf(chunk))])
  })
  expect((await collectIn(where)).deleted.chunks).toBe(0)
})

test('a chunk that went between the question and the publish is asked for', async () => {
  const [chunk = leaf('')] = leaves(1)
  const where = await homeWith([chunk], [])
  const writer = await openSegment(where, options)
  try {
    await collectIn(where)
    expect(writer.chunks.missing([chunk.ref])).toEqual([])
    await collectIn(where)
    const item = done('a', fileOf(chunk))
    const results = await writer.versions.publish(bucketOf(writer), [item], { overwrite: true })
    expect(results).toEqual([{ status: 'needs', refs: [chunk.ref] }])
    await writer.chunks.put([chunk])
    expect(await write(writer, [item])).toEqual(['published'])
    await sound(writer)
  } finally {
    await writer.close()
  }
})

test('what a process that still writes has put is left alone; what a dead one put is not', async () => {
  const where = await home()
  const child = startWriter(where, 'left', 1000)
  let report: CollectReport | undefined
  await listen(child, ({ rounds }) => rounds.length >= 3)
  const old = await collectIn(where)
  expect(old.young.chunks).toBe(0)
  const living = await openSegment(where, options)
  try {
    await living.chunks.put(leaves(20))
    await living.chunks.flush()
    report = await collectIn(where)
    expect(report.condemned.chunks + report.deleted.chunks).toBe(old.condemned.chunks)
    expect(report.young.chunks).toBe(20)
    expect(report.kept.map(({ why }) => why)).toContain(`not older than what process ${process.pid} is writing`)
  } finally {
    await living.close()
  }
  expect((await collectIn(where)).condemned.chunks).toBe(20)
})

test('who opened the home before a pack was written anew goes on reading', async () => {
  const chunks = leaves(40)
  const where = await homeWith(
    chunks,
    chunks.map((chunk, i) => done(`k${i}`, fileOf(chunk))),
  )
  const reader = await openSegment(where, options)
  try {
    const bucket = bucketOf(reader)
    const [first] = chunks
    if (first === undefined) throw new Error('no chunk')
    await withSegment(where, options, async (segment) => {
      const gone = Array.from({ length: 30 }, (_, i) => objectKey(`k${i}`))
      await segment.versions.expunge(bucketOf(segment), gone)
    })
    for (let run = 0; run < 2; run++) await collectIn(where)
    const left = reader.versions.head(bucket, objectKey('k35'))
    if (left === undefined) throw new Error('no head')
    expect((await reader.versions.manifests(bucket, [left]))[0]?.id).toBe(left.held?.id)
    expect((await reader.chunks.get(chunks.slice(30).map(({ ref }) => ref))).length).toBe(10)
    await expect(reader.chunks.get([first.ref])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  } finally {
    await reader.close()
  }
})

test('old versions, deletes and names come through a rewriting', async () => {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    for (let round = 0; round < 5; round++) {
      const items = Array.from({ length: 30 }, (_, i) => done(`k${i}`, inlineFile(`${round} ${i}`)))
      await write(segment, items)
    }
    await write(segment, [done('k1', DELETION)])
    await segment.versions.expunge(
      bucketOf(segment),
      Array.from({ length: 25 }, (_, i) => objectKey(`k${i + 2}`)),
    )
  })
  const listing = (): Promise<unknown> =>
    withSegment(where, options, async (segment) => ({
      names: [segment.names.find('Hawaii'), segment.names.find('Hawaii/Cola/bk1')],
      counters: segment.versions.counters(bucketOf(segment)),
      versions: Array.from({ length: 30 }, (_, i) => segment.versions.versions(bucketOf(segment), objectKey(`k${i}`))),
    }))
  const before = await listing()
  const report = await collectIn(where)
  expect(report.packs.rewritten).toBeGreaterThan(0)
  expect(await listing()).toEqual(before)
})

test('a pack stays where there is no room for what is live in it, or where little is dead', async () => {
  const chunks = leaves(60)
  const where = await homeWith(
    chunks,
    chunks.slice(0, 50).map((chunk, i) => done(`k${i}`, fileOf(chunk))),
  )
  await collectIn(where)
  const narrow = await collectIn(where, { extraBytesMax: 1000 })
  expect(narrow.packs.rewritten).toBe(0)
  expect(narrow.kept.map(({ why }) => why)).toEqual(['there is no room to write what is live beside it anew'])
  const lenient = await collectIn(where, { deadShareMax: 0.5 })
  expect(lenient.packs.rewritten).toBe(0)
  expect(lenient.kept.map(({ why }) => why)).toEqual(['it is less than 50 % of all'])
  expect((await collectIn(where, { deadShareMax: 0.05 })).packs.rewritten).toBe(1)
})

test('two collections at once: the second is told who collects', async () => {
  const chunks = leaves(10)
  const where = await homeWith(chunks, [])
  await withSegment(where, options, async (segment) => {
    let second: unknown
    await segment.collect(ALL)
    await segment.collect({
      ...ALL,
      pace: async () => {
        second = await segment.collect(ALL).catch((error: unknown) => error)
      },
    })
    expect(second).toMatchObject({ code: 'CONFLICT', message: `process ${process.pid} collects in this home now` })
  })
})
