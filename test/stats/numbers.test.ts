import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { numbersDocument, parseNumbers } from '../../src/stats/document.js'
import { dropServedNumbers, readNumbers } from '../../src/stats/files.js'
import { COUNTED, LiveNumbers } from '../../src/stats/live-numbers.js'
import { NEVER_RUN, NO_NUMBERS } from '../../src/stats/never-run.js'
import { StatsStore } from '../../src/stats/store.js'

const BUCKET = 'Hawaii/Cola/bk1'
const clock = { nowMs: () => 1_700_000_000_000 }

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'efs-stats-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return path.join(made, 'stats')
}

const never = (error: unknown): void => expect(error).toBeUndefined()
const openStore = (where: string, failed = never, unread: (service: string, error: unknown) => void = never) =>
  StatsStore.open({ folder: where, clock, failed, unread, saved: () => undefined })

test('what is counted adds up, what is said replaces', () => {
  let told = 0
  const numbers = new LiveNumbers(NO_NUMBERS, clock, () => told++)
  numbers.count(BUCKET, { requests: 2, bytesSent: 10 })
  numbers.count(BUCKET, { requests: 3 })
  numbers.set(BUCKET, { status: 'active', latencyMs: 7 })
  numbers.set(BUCKET, { latencyMs: 5 })
  expect(numbers.read().served.get(BUCKET)).toEqual({
    ...NEVER_RUN,
    timestampMs: clock.nowMs(),
    requests: 5,
    bytesSent: 10,
    status: 'active',
    latencyMs: 5,
  })
  expect(told).toBe(4)
  numbers.keepOnly(['another'])
  expect(numbers.read().served.size).toBe(0)
})

test('a state has lasted since it was first told', () => {
  let nowMs = 1000
  const numbers = new LiveNumbers(NO_NUMBERS, { nowMs: () => nowMs }, () => undefined)
  numbers.report({ state: 'running' })
  nowMs = 2000
  numbers.report({ state: 'running', peers: ['hawaii-r'] })
  expect(numbers.read().report).toMatchObject({ state: 'running', sinceMs: 1000, peers: ['hawaii-r'] })
  numbers.report({ state: 'failed' })
  expect(numbers.read().report).toMatchObject({ state: 'failed', sinceMs: 2000 })
})

test('numbers of any size stay within their limits', () => {
  const numbers = new LiveNumbers(NO_NUMBERS, clock, () => undefined)
  for (let i = 0; i < LIMITS.statsPathsMax + 10; i++) numbers.count(`Hawaii/Cola/b${i}`, { requests: 1 })
  const message = 'x'.repeat(100_000)
  numbers.report({ peers: Array.from({ length: 1000 }, String), lastError: { atMs: 1, message, nextTryMs: null } })
  const { report, served } = numbers.read()
  expect(served.size).toBe(LIMITS.statsPathsMax)
  expect(report?.peers.length).toBe(LIMITS.connectionsMax)
  expect(report?.lastError?.message.length).toBe(LIMITS.lineBytesMax)
})

test('a document is read as it was written', () => {
  const counts = fc.record(Object.fromEntries(COUNTED.map((name) => [name, fc.nat()])))
  const path = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(path, counts), fc.nat(), (served, sinceMs) => {
      const stats = Object.entries(served).map(([name, some]) => [name, { ...NEVER_RUN, ...some }] as const)
      const lastError = { atMs: sinceMs, message: 'away', nextTryMs: sinceMs + 1 }
      const report = { state: 'failed', sinceMs, listening: ['a:1'], peers: [], lastError } as const
      const numbers = { report, served: new Map(stats), flows: [] }
      expect(parseNumbers(numbersDocument(numbers))).toEqual(numbers)
    }),
  )
})

test('whatever else stands in the file, reading it gives numbers', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const stats of parseNumbers(text).served.values()) expect(Object.keys(stats)).toEqual(Object.keys(NEVER_RUN))
    }),
  )
  const text = JSON.stringify({
    served: { [BUCKET]: { requests: 3, bytesSent: -1, latencyMs: 'x', status: 'odd', new: 1 } },
  })
  expect(parseNumbers(text)).toEqual({
    report: null,
    served: new Map([[BUCKET, { ...NEVER_RUN, requests: 3 }]]),
    flows: [],
  })
})

test('counters go on after a restart', async () => {
  const where = folder()
  for (const run of [1, 2, 3]) {
    const store = await openStore(where)
    const numbers = await store.of('hawaii')
    numbers.count(BUCKET, { requests: 5 })
    expect(await store.of('hawaii')).toBe(numbers)
    await store.close()
    expect((await readNumbers(where, 'hawaii')).served.get(BUCKET)?.requests).toBe(run * 5)
  }
  await dropServedNumbers(where, 'hawaii', BUCKET)
  expect((await readNumbers(where, 'hawaii')).served.size).toBe(0)
  expect(await readNumbers(where, 'maui')).toEqual(NO_NUMBERS)
})

test('what changes is written by itself; what a deleted service still counts is not', async () => {
  const where = folder()
  const store = await openStore(where)
  const numbers = await store.of('hawaii')
  numbers.count(BUCKET, { requests: 1 })
  await expect.poll(() => readNumbers(where, 'hawaii')).toMatchObject({ served: new Map([[BUCKET, { requests: 1 }]]) })
  await store.drop('hawaii')
  numbers.count(BUCKET, { requests: 1 })
  await store.close()
  expect(existsSync(path.join(where, 'hawaii.json'))).toBe(false)
})

test('numbers that somebody looks at next are written at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const where = folder()
  const store = await openStore(where)
  const numbers = await store.of('hawaii')
  numbers.count(BUCKET, { requests: 1 })
  numbers.tell()
  while ((await readNumbers(where, 'hawaii')).served.size === 0) await new Promise(setImmediate)
  await store.close()
})

test('numbers that cannot be written are told, and stop nobody', async () => {
  const where = folder()
  const failures: unknown[] = []
  const store = await openStore(where, (error) => failures.push(error))
  const numbers = await store.of('hawaii')
  writeFileSync(where, 'no folder')
  numbers.count(BUCKET, { requests: 1 })
  await expect.poll(() => failures.length).toBe(1)
  rmSync(where)
  numbers.count(BUCKET, { requests: 1 })
  await store.close()
  expect((await readNumbers(where, 'hawaii')).served.get(BUCKET)?.requests).toBe(2)
})

test('what a killed process left half written is cleared away', async () => {
  const where = folder()
  mkdirSync(where)
  writeFileSync(path.join(where, 'hawaii.json.0.partial'), '{')
  writeFileSync(path.join(where, 'maui.json'), '{')
  await (await openStore(where)).close()
  expect(readdirSync(where)).toEqual(['maui.json'])
})

test('numbers that cannot be read stop nobody: they begin anew, and that is told', async () => {
  const where = folder()
  mkdirSync(path.join(where, 'hawaii.json'), { recursive: true })
  const unread: [service: string, error: unknown][] = []
  const store = await openStore(where, undefined, (...told) => unread.push(told))
  const numbers = await store.of('hawaii')
  expect(numbers.read()).toEqual(NO_NUMBERS)
  expect(unread).toEqual([['hawaii', expect.objectContaining({ code: 'EISDIR' })]])
  expect(await store.of('hawaii')).toBe(numbers)
  rmSync(path.join(where, 'hawaii.json'), { recursive: true })
  await store.close()
})
