import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { EfsError } from '../../src/base/errors.js'
import { makeChunk } from '../../src/model/chunk.js'
import { objectKey } from '../../src/model/key.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { done, fileOf, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'
import { bucketOf, folder } from './homes.js'

const options = { clock: systemClock }
const MiB = 1024 * 1024

/** A disk of a few MiB. Mounting one takes root's power. */
async function smallDisk(mebibytes: number): Promise<string> {
  const disk = await folder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk])
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', disk])
  })
  return disk
}

async function bucketOn(where: string): Promise<Segment> {
  await initSegment(where, options)
  const segment = await openSegment(where, options)
  for (const name of ['Hawaii', 'Hawaii/Cola', 'Hawaii/Cola/bk1']) await segment.names.create(name, {})
  return segment
}

const chunkOf = (seed: number) => makeChunk(Buffer.alloc(MiB / 4, `${seed} `), false, false)

async function writeOne(segment: Segment, seed: number): Promise<void> {
  const chunk = chunkOf(seed)
  await segment.chunks.put([chunk])
  const [result] = await segment.versions.publish(bucketOf(segment), [done(`k${seed}`, fileOf(chunk))], {
    overwrite: true,
  })
  if (result?.status !== 'published') throw new Error(`it is ${result?.status}`)
}

test('a full disk is said in words, nothing is half written, and it goes on once there is room', async () => {
  const disk = await smallDisk(12)
  const ballast = path.join(disk, 'ballast')
  const segment = await bucketOn(path.join(disk, 'home'))
  try {
    writeFileSync(ballast, Buffer.alloc(4 * MiB))
    let written = 0
    const fill = async (): Promise<void> => {
      for (; ; written++) await writeOne(segment, written)
    }
    await expect(fill()).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: `the disk that holds ${path.join(disk, 'home')} is full`,
    })
    await expect(writeOne(segment, written)).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(written).toBeGreaterThan(0)
    for (let seed = 0; seed < written; seed++) {
      expect(segment.versions.head(bucketOf(segment), objectKey(`k${seed}`)), `k${seed}`).toBeDefined()
    }
    expect(segment.versions.head(bucketOf(segment), objectKey(`k${written}`))).toBeUndefined()
    rmSync(ballast)
    await writeOne(segment, written)
    expect((await segment.check({ readData: true })).damage).toEqual([])
    expect(segment.versions.counters(bucketOf(segment)).objects).toBe(written + 1)
  } finally {
    await segment.close()
  }
  const again = await openSegment(path.join(disk, 'home'), options)
  expect((await again.check({ readData: true })).damage).toEqual([])
  await again.close()
})

test('a disk that is full for the index alone fails the commit whole', async () => {
  const disk = await smallDisk(8)
  const segment = await bucketOn(path.join(disk, 'home'))
  try {
    const fill = async (): Promise<void> => {
      for (let round = 0; ; round++) {
        const items = Array.from({ length: 500 }, (_, i) => done(`${round}/${i}`, inlineFile(`${i}`)))
        await segment.versions.publish(bucketOf(segment), items, { overwrite: true })
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'DISK_FULL' })
    const { objects } = segment.versions.counters(bucketOf(segment))
    expect(objects % 500).toBe(0)
    expect((await segment.check({ readData: true })).damage).toEqual([])
    expect(segment.versions.counters(bucketOf(segment)).objects).toBe(objects)
  } finally {
    await segment.close()
  }
})

test('puts that find no room are refused, and what is there stays sound', async () => {
  const disk = await smallDisk(8)
  const segment = await bucketOn(path.join(disk, 'home'))
  try {
    const failed = async (): Promise<void> => {
      for (let seed = 0; ; seed++) await segment.chunks.put([chunkOf(seed)])
    }
    await expect(failed()).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect((await segment.check({ readData: true })).damage).toEqual([])
  } finally {
    await segment.close()
  }
})

test('a commit that fails unheard is said to the next caller, once, and what was put is not here', async () => {
  const disk = await smallDisk(8)
  const segment = await bucketOn(path.join(disk, 'home'))
  const ballast = path.join(disk, 'ballast')
  try {
    const chunks = Array.from({ length: 5000 }, (_, i) => leaf(`chunk ${i}`))
    const refs = chunks.map(({ ref }) => ref)
    await segment.chunks.put(chunks)
    expect(segment.chunks.missing(refs)).toEqual([])
    expect(() => writeFileSync(ballast, Buffer.alloc(8 * MiB))).toThrow('ENOSPC')
    const outcome = () =>
      segment.chunks.put([]).then(
        () => 'done',
        (error: unknown) => (error instanceof EfsError ? error.code : error),
      )
    await expect.poll(outcome, { timeout: 5000 }).toBe('DISK_FULL')
    expect(await outcome()).toBe('done')
    expect(segment.chunks.missing(refs)).toEqual(refs)
    rmSync(ballast)
    await segment.chunks.put(chunks)
    await segment.chunks.flush()
    expect(segment.chunks.missing(refs)).toEqual([])
    expect((await segment.check({ readData: true })).damage).toEqual([])
  } finally {
    await segment.close()
  }
})

test('what is published upon a chunk that another call could not write is asked for', async () => {
  const disk = await smallDisk(12)
  const segment = await bucketOn(path.join(disk, 'home'))
  const ballast = path.join(disk, 'ballast')
  try {
    const { node, leaves } = tree(['left', 'right'])
    const [left = leaf(''), right = leaf('')] = leaves
    await segment.chunks.put([node, left])
    await segment.chunks.flush()
    writeFileSync(ballast, Buffer.alloc(6 * MiB))
    const failing = segment.chunks.put([right, makeChunk(Buffer.alloc(8 * MiB, 1), false, false)])
    expect(segment.chunks.missing([right.ref])).toEqual([])
    const items = [done('one', fileOf(right)), done('two', treeFile(['left', 'right']))]
    const publish = () => segment.versions.publish(bucketOf(segment), items, { overwrite: true })
    const published = publish()
    await expect(failing).rejects.toMatchObject({ code: 'DISK_FULL' })
    const needs = { status: 'needs', refs: [right.ref] }
    expect(await published).toEqual([needs, needs])
    expect(segment.chunks.missing([node.ref])).toEqual([node.ref])
    rmSync(ballast)
    await segment.chunks.put([right])
    expect((await publish()).map(({ status }) => status)).toEqual(['published', 'published'])
    expect((await segment.check({ readData: true })).damage).toEqual([])
  } finally {
    await segment.close()
  }
})
