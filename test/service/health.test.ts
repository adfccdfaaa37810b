import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import type { LinkError, ServedStats, Service, ServiceReport, ServiceState } from '../../src/model/service.js'
import { healthOf, isStale, type Seen, worseError } from '../../src/service/health.js'
import { newService, withValue } from '../../src/service/service.js'
import { NEVER_RUN } from '../../src/stats/never-run.js'

const NOW = 1_577_289_600_000

const SENDS = [
  ['X-Status', 'enabled'],
  ['X-ISGW-Remote', 'ccow://hawaii:14000'],
  ['X-ISGW-Direction', '1'],
] as const

const serviceOf = (...values: (readonly [key: string, value: string])[]): Service =>
  [...SENDS, ...values].reduce((made, [key, value]) => withValue(made, key, value), newService('isgw', 'h', {}))

const report = (state: ServiceState, sinceMs = NOW - 10 * LIMITS.staleMs): ServiceReport => ({
  state,
  sinceMs,
  listening: [],
  peers: [],
  lastError: null,
})

const seen = (of: Partial<Seen> = {}): Seen => ({ isRunning: true, report: report('running'), nowMs: NOW, ...of })
const served = (stats: Partial<ServedStats>, pause = false) => [{ pause, stats: { ...NEVER_RUN, ...stats } }]
const FAILING: LinkError = { atMs: NOW - 1000, message: 'the disk is full', nextTryMs: NOW + 1000 }

test('success keeps a service from being stale for its interval, and no longer', () => {
  const after = (ageMs: number, service = serviceOf()) =>
    isStale(service, { pause: false, lastSuccessMs: NOW - ageMs }, seen())
  expect(after(LIMITS.staleMs)).toBe(false)
  expect(after(LIMITS.staleMs + 1)).toBe(true)
  // A clock that was set back.
  expect(after(-LIMITS.staleMs)).toBe(false)
  expect(after(-LIMITS.staleMs - 1)).toBe(true)
  const slow = serviceOf(['X-ISGW-Processing-Delay', '30000'])
  expect(after(LIMITS.staleMs + 30_000, slow)).toBe(false)
  expect(after(LIMITS.staleMs + 30_001, slow)).toBe(true)
})

test('what was never proved counts from when the service began', () => {
  const began = (ageMs: number) =>
    isStale(serviceOf(), { pause: false, lastSuccessMs: null }, seen({ report: report('waiting', NOW - ageMs) }))
  expect(began(LIMITS.staleMs)).toBe(false)
  expect(began(LIMITS.staleMs + 1)).toBe(true)
})

test('a service that no gateway runs is stale while it is enabled, whatever it proved', () => {
  const fresh = { pause: false, lastSuccessMs: NOW }
  expect(isStale(serviceOf(), fresh, seen({ isRunning: false }))).toBe(true)
  expect(isStale(serviceOf(['X-Status', 'disabled']), fresh, seen({ isRunning: false }))).toBe(false)
})

test('who only waits for peers, or has nothing to do, has nothing to prove', () => {
  const never = { pause: false, lastSuccessMs: null }
  const listens = serviceOf(['X-ISGW-Remote', '-'])
  expect(isStale(listens, never, seen())).toBe(false)
  expect(isStale(listens, never, seen({ report: report('failed') }))).toBe(true)
  expect(isStale(serviceOf(), { ...never, pause: true }, seen())).toBe(false)
  expect(isStale(serviceOf(['X-ISGW-Direction', '3']), { ...never, pause: true }, seen())).toBe(true)
})

test('health: a failure is an error, a peer that is away is only that once it has been away too long', () => {
  const health = (stats: Partial<ServedStats>, state: ServiceState) =>
    healthOf(serviceOf(), served(stats), seen({ report: report(state) }))
  expect(health({ lastSuccessMs: NOW }, 'running')).toBe('ok')
  expect(health({ lastSuccessMs: NOW, lastError: { ...FAILING, nextTryMs: null } }, 'running')).toBe('ok')
  expect(health({ lastSuccessMs: NOW, lastError: FAILING }, 'running')).toBe('error')
  expect(health({ lastSuccessMs: NOW, lastError: FAILING }, 'waiting')).toBe('ok')
  expect(health({ lastSuccessMs: NOW - 2 * LIMITS.staleMs, lastError: FAILING }, 'waiting')).toBe('stale')
  expect(health({ lastSuccessMs: NOW }, 'failed')).toBe('error')
  expect(health({ lastSuccessMs: NOW, heldUp: 1 }, 'running')).toBe('degraded')
  expect(healthOf(serviceOf(), [], seen({ isRunning: false }))).toBe('stale')
  expect(healthOf(serviceOf(['X-Status', 'disabled']), [], seen({ isRunning: false }))).toBe('ok')
  const door = serviceOf(['X-ISGW-Remote', '-'])
  expect(healthOf(door, [], seen())).toBe('ok')
  expect(healthOf(door, [], seen({ report: report('waiting') }))).toBe('stale')
})

test('of two errors the one that lasts is shown, then the later', () => {
  const mended = { ...FAILING, atMs: NOW, nextTryMs: null }
  expect(worseError(null, FAILING)).toBe(FAILING)
  expect(worseError(mended, FAILING)).toBe(FAILING)
  expect(worseError(FAILING, mended)).toBe(FAILING)
  const later = { ...FAILING, atMs: NOW }
  expect(worseError(FAILING, later)).toBe(later)
  expect(worseError(later, FAILING)).toBe(later)
})
