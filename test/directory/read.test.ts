import { chmodSync, closeSync, ftruncateSync, lstatSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import type { Crew } from '../../src/endpoints/directory/crew.js'
import { plainOf } from '../../src/model/chunk.js'
import type { Parcel } from '../../src/model/endpoint.js'
import { createStats } from '../../src/stats/counters.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile, run, runWithoutPower } from './folders.js'
import { asked, collect, HOW, listAll, next, parcelsOf } from './reading.js'

const MiB = 1 << 20

describe.each([
  ['fastcdc', 64 * 1024],
  ['fastcdc', LIMITS.chunkBytesLeast],
  ['fastcdc', LIMITS.chunkBytesMost],
  ['fixed', 64 * 1024],
] as const)('cut as %s of %i', (kind, bytes) => {
  test('files of every size come whole', async () => {
    const root = emptyFolder()
    const sizes = [0, 1, 128, 129, 4096, 70_000, MiB, LIMITS.parcelBytesMax, LIMITS.parcelBytesMax + 1, 9 * MiB + 7]
    for (const size of sizes) makeFile(root, `folder/of ${size}`, noise(size + 1, size))
    const { rows } = await listAll(root)
    const { objects, parked } = await collect(parcelsOf(root, rows, { chunking: { kind, bytes } }))
    expect(parked).toEqual([])
    for (const size of sizes) {
      const key = `folder/of ${size}`
      const came = objects.get(key)
      expect(came?.bytes.equals(noise(size + 1, size))).toBe(true)
      expect(came?.content).toMatchObject({ kind: 'file', size })
      expect('inline' in (came?.content.root ?? {})).toBe(size <= LIMITS.inlineBytesMax)
      expect(came?.done.seen).toEqual({ ...rows.find((row) => row.key === key)?.seen, takenMs: expect.any(Number) })
    }
  })

  test('holes are neither read into chunks nor lost', async () => {
    const root = emptyFolder()
    const sparse = makeFile(root, 'sparse')
    const file = openSync(sparse, 'r+')
    writeSync(file, noise(1, 100_000), 0, 100_000, 5 * MiB + 100)
    writeSync(file, noise(2, 10), 0, 10, 17 * MiB)
    ftruncateSync(file, 24 * MiB)
    closeSync(file)
    makeFile(root, 'zeros', Buffer.alloc(6 * MiB))
    const { rows } = await listAll(root)
    const { objects, chunks } = await collect(parcelsOf(root, rows, { chunking: { kind, bytes } }))
    expect(objects.get('sparse')?.content.size).toBe(24 * MiB)
    expect(objects.get('sparse')?.bytes.subarray(5 * MiB + 100, 5 * MiB + 100_100)).toEqual(noise(1, 100_000))
    expect(objects.get('zeros')?.content.size).toBe(6 * MiB)
    const leaves = [...chunks.values()].filter(({ ref }) => !ref.node)
    expect(leaves.reduce((sum, { ref }) => sum + ref.size, 0)).toBeLessThan(
      100_000 + 3 * bytes + 2 * LIMITS.holeBytesMin,
    )
  })
})

test('attributes come along: mode, nanoseconds, folders, links', async () => {
  const root = emptyFolder()
  const file = makeFile(root, 'a/file', 'hello')
  run('touch', '-d', '2001-02-03 04:05:06.123456789 UTC', file)
  chmodSync(file, 0o4751)
  symlinkSync('../\u{1F600} nowhere', path.join(root, 'a/link'))
  mkdirSync(path.join(root, 'empty'), { mode: 0o710 })
  const { objects } = await collect(parcelsOf(root, (await listAll(root)).rows))
  expect(objects.get('a/file')?.content.attributes).toEqual({ mode: 0o4751, mtimeNs: 981173106123456789n })
  const link = objects.get('a/link')
  expect(link?.content).toMatchObject({ kind: 'link', size: Buffer.byteLength('../\u{1F600} nowhere') })
  expect(link?.bytes.toString()).toBe('../\u{1F600} nowhere')
  const { mtimeNs } = lstatSync(path.join(root, 'a/link'), { bigint: true })
  expect(link?.content.attributes).toEqual({ mtimeNs })
  const folder = lstatSync(path.join(root, 'empty'), { bigint: true })
  expect(objects.get('empty/')?.content).toMatchObject({
    kind: 'folder',
    size: 0,
    attributes: { mode: 0o710, mtimeNs: folder.mtimeNs },
    root: { inline: new Uint8Array() },
  })
})

test('thousands of small files share a few parcels, and are counted', async () => {
  const root = emptyFolder()
  for (let i = 0; i < 2000; i++) makeFile(root, `d${i % 7}/f${i}`, `content of ${i}`.repeat(20))
  const stats = createStats()
  const { rows } = await listAll(root)
  const { objects, parcels } = await collect(parcelsOf(root, rows, {}, { stats }))
  expect(objects.size).toBe(rows.length)
  expect(parcels).toBe(Math.ceil(rows.length / LIMITS.parcelObjectsMax))
  const bytes = rows.reduce((sum, { size }) => sum + size, 0)
  expect(stats.read()).toMatchObject({ objectsRead: 2000, bytesRead: bytes })
})

test('a parcel that is held when the reading ends can still be loaded', async () => {
  const root = emptyFolder()
  makeFile(root, 'a', noise(1, 1000))
  const crews = new Set<Crew>()
  const held: Parcel[] = []
  for await (const parcel of parcelsOf(root, (await listAll(root)).rows, {}, { crews })) held.push(parcel)
  const [parcel] = held
  const chunks = await parcel?.load(parcel.slices.map(({ ref }) => ref))
  expect(chunks?.map((chunk) => Buffer.from(plainOf(chunk)))).toEqual([noise(1, 1000)])
  expect(crews.size).toBe(1)
  parcel?.release()
  expect(crews.size).toBe(0)
})

test('a file that may not be read is parked, and the others come', () => {
  const root = emptyFolder()
  makeFile(root, 'open', 'open')
  chmodSync(makeFile(root, 'secret', 'secret'), 0)
  const result = runWithoutPower(new URL('./read-script.js', import.meta.url), root)
  expect(result).toEqual({
    keys: ['open'],
    parked: [{ key: 'secret', why: 'cannot be read: permission denied' }],
  })
})

test('an abort ends the reading with its reason, and the workers too', async () => {
  const root = emptyFolder()
  makeFile(root, 'large', noise(1, 3 * LIMITS.parcelBytesMax))
  const crews = new Set<Crew>()
  const stop = new AbortController()
  const { rows } = await listAll(root)
  const parcels = parcelsOf(root, rows, { parcelsInFlight: 1, signal: stop.signal }, { crews })
  const first = await next(parcels)
  const second = parcels.next()
  stop.abort(new Error('enough'))
  await expect(second).rejects.toThrow('enough')
  expect(crews.size).toBe(0)
  const [slice] = first.slices
  await expect(first.load(slice ? [slice.ref] : [])).rejects.toThrow('enough')
  const never = parcelsOf(root, rows, { signal: AbortSignal.abort() }, { crews })
  await expect(never.next()).rejects.toMatchObject({ name: 'AbortError' })
  expect(crews.size).toBe(0)
})

test('what makes the plan fail makes the reading fail', async () => {
  async function* failing() {
    yield* asked([])
    throw new Error('the plan broke')
  }
  const root = emptyFolder()
  const { readFiles } = await import('../../src/endpoints/directory/read.js')
  const { systemClock } = await import('../../src/base/clock.js')
  const from = { root, clock: systemClock, stats: createStats(), crews: new Set<Crew>(), lost: () => undefined }
  await expect(readFiles(from, failing(), HOW).next()).rejects.toThrow('the plan broke')
})
