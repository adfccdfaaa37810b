import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openLog } from '../../src/app/gateway/log.js'
import { Mending } from '../../src/app/gateway/mending.js'
import { retryDelayMs, Streak } from '../../src/app/gateway/streak.js'
import { type Defined, type Definitions, Supervisor } from '../../src/app/gateway/supervisor.js'
import { systemClock } from '../../src/base/clock.js'
import { EfsError } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import type { ServiceReport } from '../../src/model/service.js'
import { newService } from '../../src/service/service.js'
import { StatsStore } from '../../src/stats/store.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { FakeRunner } from './fake-runner.js'

interface Line {
  readonly level: string
  readonly msg: string
  readonly service?: string
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A supervisor over a real segment, with a runner and a clock that a test holds. */
async function supervised() {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-supervisor-'))
  const home = path.join(dir, 'home')
  await initSegment(home, { clock: systemClock })
  const segment = await openSegment(home, { clock: systemClock })
  const lines: Line[] = []
  const log = await openLog(systemClock, (line) => lines.push(JSON.parse(line)))
  const folder = path.join(dir, 'stats')
  const stats = await StatsStore.open({
    folder,
    clock: systemClock,
    saved: () => undefined,
    failed: (e) => log.error('', e),
    unread: (service, e) => log.of(service).warn('its numbers cannot be read', e),
  })
  const runner = new FakeRunner()
  const supervisor = new Supervisor({
    segment,
    runners: { isgw: runner },
    stats,
    log,
    clock: systemClock,
    random: () => 0,
  })
  onTestFinished(async () => {
    vi.useRealTimers()
    await stats.close()
    await segment.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const reportOf = async (name: string): Promise<ServiceReport | null> => (await stats.of(name)).read().report
  return { supervisor, runner, lines, reportOf, stats }
}

const enabled = (name: string, more: Readonly<Record<string, string>> = {}): Defined => ({
  service: newService('isgw', name, { 'X-Status': 'enabled', ...more }),
  secret: undefined,
  isPaired: false,
})

const all = (...defined: Defined[]): Definitions => new Map(defined.map((one) => [one.service.name, one]))

test('the delay grows from a second to a minute, and chance takes a quarter at most', () => {
  const delays = Array.from({ length: 12 }, (_, i) => retryDelayMs(i + 1, 0))
  expect(delays.slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  expect(Math.max(...delays)).toBe(LIMITS.retryMsMost)
  expect(retryDelayMs(3, 1)).toBe(3000)
  expect(retryDelayMs(1, 1)).toBe(LIMITS.retryMsLeast)
  expect(retryDelayMs(5000, 0.5)).toBe(52_500)
})

test('what is well for a moment only is tried as seldom as before, unless it was cut off', async () => {
  let nowMs = 1_000_000
  const clock = { nowMs: () => nowMs }
  const log = await openLog(clock, () => undefined)
  const streak = new Streak({ log, clock, what: 'it', settleMs: 10_000, random: () => 0 })
  const delayAfter = (error: Error): number => (streak.failed(error).nextTryMs ?? 0) - nowMs
  const full = new EfsError('DISK_FULL', 'full')
  const again = (error: Error, wellMs: number): number => {
    streak.well()
    nowMs += wellMs
    return delayAfter(error)
  }
  expect(delayAfter(full)).toBe(1000)
  expect([again(full, 100), again(full, 100), again(full, 9000)]).toEqual([2000, 4000, 8000])
  expect(again(full, 10_000)).toBe(1000)
  expect(again(full, 100)).toBe(2000)
  expect(again(new EfsError('UNREACHABLE', 'cut'), 100)).toBe(1000)
})

test('each cause of a streak is one line, and what failed last is told', async () => {
  const clock = { nowMs: () => 1_000_000 }
  const lines: string[] = []
  const log = await openLog(clock, (line) => lines.push(JSON.parse(line).msg))
  const streak = new Streak({ log, clock, what: 'it', random: () => 0 })
  const causes = ['refused', 'refused', 'credentials', 'credentials', 'refused']
  const last = causes.map((cause) => streak.failed(new Error(cause)).message)
  expect(last).toEqual(causes)
  streak.well()
  streak.failed(new Error('credentials'))
  expect(lines).toEqual([
    'it failed, and is tried again: refused',
    'it fails for another cause now: credentials',
    'it is well again after 5 failures',
    'it failed, and is tried again: credentials',
  ])
})

test('what fails once it runs is not well because it opens again; what was only cut off is', async () => {
  const clock = { nowMs: () => Date.now() }
  const log = await openLog(clock, () => undefined)
  const mended: (string | undefined)[] = []
  const mending = new Mending({ log, clock, what: 'it' }, (last) => mended.push(last?.message))
  mending.failed(new Error('away'))
  mending.opened()
  expect(mended.splice(0)).toEqual(['away'])
  const full = new EfsError('DISK_FULL', 'full')
  for (let tries = 0; tries < 3; tries++) {
    mending.failed(full)
    // Each of its parts opens.
    for (let part = 0; part < 2; part++) mending.opened()
    vi.advanceTimersByTime(LIMITS.steadyMs - 1)
    expect(mended).toEqual([])
  }
  vi.advanceTimersByTime(1)
  expect(mended.splice(0)).toEqual(['full'])
  mending.failed(full)
  mending.opened()
  mending.well()
  expect(mended.splice(0)).toEqual(['full'])
  mending.failed(new EfsError('UNREACHABLE', 'cut'))
  mending.opened()
  expect(mended.splice(0)).toEqual(['cut'])
  mending.end()
})

test('only what has changed is started anew', async () => {
  const { supervisor, runner, reportOf } = await supervised()
  supervisor.update(all(enabled('hawaii'), enabled('maui')), undefined)
  await vi.waitFor(() => expect(runner.running).toEqual(['hawaii', 'maui']))
  supervisor.update(all(enabled('hawaii'), enabled('maui')), undefined)
  supervisor.update(all(enabled('hawaii'), enabled('maui', { 'X-ISGW-Direction': '1' })), undefined)
  await vi.waitFor(() => expect(runner.calls.slice(2)).toEqual(['stop maui', 'start maui']))
  supervisor.update(all({ ...enabled('hawaii'), secret: 'a:b' }), undefined)
  await vi.waitFor(() => expect(runner.calls.slice(4).sort()).toEqual(['start hawaii', 'stop hawaii', 'stop maui']))
  expect(runner.contexts.at(-1)?.secret).toBe('a:b')
  const off = { service: newService('isgw', 'hawaii', {}), secret: undefined, isPaired: false }
  supervisor.update(all(off), undefined)
  await vi.waitFor(() => expect(runner.running).toEqual([]))
  await vi.waitFor(async () => expect((await reportOf('hawaii'))?.state).toBe('stopped'))
})

test('a service that fails is tried again later each time, with one line, and one when it is well', async () => {
  const { supervisor, runner, lines, reportOf } = await supervised()
  runner.broken.set('hawaii', new Error('connection refused'))
  supervisor.update(all(enabled('hawaii'), enabled('maui')), undefined)
  await vi.waitFor(async () => expect((await reportOf('hawaii'))?.state).toBe('failed'))
  const error = (await reportOf('hawaii'))?.lastError
  expect(error).toMatchObject({ message: 'connection refused', nextTryMs: (error?.atMs ?? 0) + 1000 })
  await vi.advanceTimersByTimeAsync(1000 + 2000 + 4000 + 8000)
  const starts = () => runner.calls.filter((call) => call === 'start hawaii').length
  expect(starts()).toBe(5)
  const warnings = () => lines.filter(({ level, service }) => level === 'warn' && service === 'hawaii')
  expect(warnings().map(({ msg }) => msg)).toEqual(['it failed, and is tried again: connection refused'])
  runner.broken.clear()
  await vi.advanceTimersByTimeAsync(16_000)
  expect((await reportOf('hawaii'))?.state).toBe('running')
  await vi.advanceTimersByTimeAsync(LIMITS.steadyMs)
  expect(lines.at(-1)).toMatchObject({ msg: 'it is well again after 5 failures', service: 'hawaii' })
  expect((await reportOf('hawaii'))?.lastError).toMatchObject({ message: 'connection refused', nextTryMs: null })
  runner.fail('hawaii', new Error('away'))
  await vi.waitFor(async () => expect((await reportOf('hawaii'))?.lastError?.message).toBe('away'))
  expect(warnings().length).toBe(2)
  expect(runner.calls.filter((call) => call.endsWith('maui'))).toEqual(['start maui'])
})

test('a definition that cannot be read harms no other', async () => {
  const { supervisor, runner, reportOf } = await supervised()
  supervisor.update(
    new Map<string, Defined | Error>([['bad', new Error('damaged')], ...all(enabled('maui'))]),
    undefined,
  )
  await vi.waitFor(async () => expect((await reportOf('bad'))?.lastError?.message).toBe('damaged'))
  expect(runner.calls).toEqual(['start maui'])
  supervisor.update(all(enabled('bad'), enabled('maui')), undefined)
  await vi.waitFor(() => expect(runner.calls).toEqual(['start maui', 'start bad']))
})

test('while something holds, services wait', async () => {
  const { supervisor, runner, reportOf } = await supervised()
  supervisor.update(all(enabled('hawaii')), 'unadopted')
  await vi.waitFor(async () => expect((await reportOf('hawaii'))?.state).toBe('waiting'))
  expect(runner.calls).toEqual([])
  supervisor.update(all(enabled('hawaii')), undefined)
  await vi.waitFor(() => expect(runner.running).toEqual(['hawaii']))
})

test('all stop at once, and one that does not is named', async () => {
  const { supervisor, runner, reportOf } = await supervised()
  runner.stuck.add('hawaii')
  runner.broken.set('oahu', new Error('refused'))
  supervisor.update(all(enabled('hawaii'), enabled('maui'), enabled('oahu')), undefined)
  await vi.waitFor(async () => expect((await reportOf('oahu'))?.state).toBe('failed'))
  const stopped = supervisor.stop()
  await vi.advanceTimersByTimeAsync(LIMITS.servicesStopMsMax)
  expect(await stopped).toEqual(['hawaii'])
  expect(runner.running).toEqual(['hawaii'])
  const before = runner.calls.length
  await vi.advanceTimersByTimeAsync(LIMITS.retryMsMost)
  expect(runner.calls.length).toBe(before)
})

test('a service that is deleted stops, and its numbers go with it', async () => {
  const { supervisor, runner, stats } = await supervised()
  supervisor.update(all(enabled('hawaii')), undefined)
  await vi.waitFor(() => expect(runner.running).toEqual(['hawaii']))
  const before = await stats.of('hawaii')
  before.count('Hawaii/Cola/bk1', { requests: 1 })
  supervisor.update(all(), undefined)
  await vi.waitFor(() => expect(runner.running).toEqual([]))
  await vi.waitFor(async () => expect(await stats.of('hawaii')).not.toBe(before))
  supervisor.update(all(enabled('hawaii')), undefined)
  await vi.waitFor(() => expect(runner.running).toEqual(['hawaii']))
})
