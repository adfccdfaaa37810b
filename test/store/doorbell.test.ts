import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import type { Segment } from '../../src/model/segment.js'
import { openSegment } from '../../src/store/segment.js'
import { done, inlineFile } from '../contracts/samples.js'
import { bucketOf, home } from './homes.js'
import { listen, startWriter } from './writers.js'

async function opened(where: string): Promise<Segment> {
  const segment = await openSegment(where, { clock: systemClock })
  onTestFinished(() => segment.close())
  return segment
}

const write = (segment: Segment, key: string) =>
  segment.versions.publish(bucketOf(segment), [done(key, inlineFile(key))], { overwrite: true })

test('a commit of another process is heard, and what it wrote is there then', async () => {
  const where = await home()
  const segment = await opened(where)
  const bucket = bucketOf(segment)
  const start = segment.versions.position(bucket)
  const seen = new Promise<number>((resolve) => {
    segment.onRing(() => {
      const { sequence } = segment.versions.position(bucket)
      if (sequence > start.sequence) resolve(sequence)
    })
  })
  await listen(startWriter(where, 'w', 1), () => false)
  expect(await seen).toBeGreaterThan(start.sequence)
})

test('what is read at a ring is of after the commit, also where something was read just before', async () => {
  const where = await home()
  const segment = await opened(where)
  const bucket = bucketOf(segment)
  let isOver = false
  onTestFinished(() => {
    isOver = true
  })
  const read = (): void => {
    if (isOver) return
    segment.versions.position(bucket)
    setImmediate(read)
  }
  read()
  let heard = 0
  segment.onRing(() => {
    heard = segment.versions.position(bucket).sequence
  })
  for (let round = 0; round < 12; round++) {
    await listen(startWriter(where, `w${round}`, 1), () => false)
    await vi.waitFor(() => expect(heard).toBe(segment.versions.position(bucket).sequence))
  }
})

test('own commits are heard by all listeners, but not by those that stopped', async () => {
  const segment = await opened(await home())
  const [first, second] = [vi.fn(), vi.fn()]
  const stop = segment.onRing(first)
  segment.onRing(second)
  await write(segment, 'a')
  await vi.waitFor(() => expect(Math.min(first.mock.calls.length, second.mock.calls.length)).toBeGreaterThan(0))
  stop()
  const [before, heard] = [first.mock.calls.length, second.mock.calls.length]
  await write(segment, 'b')
  await vi.waitFor(() => expect(second.mock.calls.length).toBeGreaterThan(heard))
  expect(first.mock.calls.length).toBe(before)
})

test('a bell that is taken away is made again, and heard on', async () => {
  const where = await home()
  const segment = await opened(where)
  const heard = vi.fn()
  segment.onRing(heard)
  for (const key of ['a', 'b']) {
    heard.mockClear()
    await rm(path.join(where, 'doorbell'))
    await vi.waitFor(() => expect(heard).toHaveBeenCalled())
    heard.mockClear()
    await write(segment, key)
    await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  }
})

test('a home that is taken away harms no listener', async () => {
  const where = await home()
  const listener = `
    const { openSegment } = await import(process.argv[1])
    const segment = await openSegment(process.argv[2], { clock: { nowMs: Date.now } })
    segment.onRing(() => console.log('heard'))
    const { rmSync } = await import('node:fs')
    rmSync(process.argv[2], { recursive: true })
    setTimeout(() => undefined, 200)`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', listener, store(), where])
  expect(said.toString()).toContain('heard')
})

test('a process that only listens ends', async () => {
  const where = await home()
  const listener = `
    const { openSegment } = await import(process.argv[1])
    const segment = await openSegment(process.argv[2], { clock: { nowMs: Date.now } })
    segment.onRing(() => undefined)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', listener, store(), where], { stdio: 'inherit' })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  expect(await once(child, 'exit')).toEqual([0, null])
})

const store = (): string => path.resolve('dist/src/store/segment.js')
