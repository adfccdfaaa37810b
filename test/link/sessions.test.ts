import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { type Session, Sessions } from '../../src/link/server/sessions.js'
import { type SegmentGuid, segmentGuid } from '../../src/model/ids.js'
import type { Guest } from '../../src/model/link.js'
import { FakeHost } from '../fakes/link-host.js'
import { LiveSegment } from '../fakes/live-segment.js'
import { US } from './links.js'

const IDLE_MS = 1000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

async function guest(host: FakeHost, segment = US): Promise<Guest> {
  return host.admit({ segment, credential: host.shown, secure: false, address: '', listener: '' })
}

test('a session ends when nothing was asked for a while, but not while something runs, and its guest with it', async () => {
  const host = new FakeHost(new LiveSegment())
  const sessions = new Sessions(IDLE_MS)
  const session = sessions.add(await guest(host), false)
  const stop = new AbortController()
  await sessions.during(session, stop, async () => {
    vi.advanceTimersByTime(5 * IDLE_MS)
    expect(host.guests).toBe(1)
  })
  vi.advanceTimersByTime(IDLE_MS - 1)
  expect(sessions.find(session.id, false)).toBe(session)
  vi.advanceTimersByTime(1)
  expect(sessions.find(session.id, false)).toBeUndefined()
  expect(host.guests).toBe(0)
})

test('a session over TLS is not gone on with over a plain connection, nor the other way round', async () => {
  const host = new FakeHost(new LiveSegment())
  const sessions = new Sessions(IDLE_MS)
  const [plain, secure] = [sessions.add(await guest(host), false), sessions.add(await guest(host), true)]
  expect(sessions.find(plain.id, true)).toBeUndefined()
  expect(sessions.find(secure.id, false)).toBeUndefined()
  expect(sessions.find(secure.id, true)).toBe(secure)
  expect(sessions.find(undefined, false)).toBeUndefined()
  sessions.endAll()
})

test('the end of a session stops what runs in it, and there is room for so many requests only', async () => {
  const host = new FakeHost(new LiveSegment())
  const sessions = new Sessions(IDLE_MS)
  const session = sessions.add(await guest(host), false)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const stops = Array.from({ length: LIMITS.linkRequestsMax }, () => new AbortController())
  const running = stops.map((stop) => sessions.during(session, stop, () => held))
  const oneMore = sessions.during(session, new AbortController(), () => held)
  await expect(oneMore).rejects.toMatchObject({ code: 'UNREACHABLE' })
  sessions.end(session)
  expect(stops.every(({ signal }) => signal.aborted)).toBe(true)
  release()
  await Promise.all(running)
})

const other = (i: number): SegmentGuid => segmentGuid(`${i}`.padStart(32, '0'))

test('there is room for so many sessions only, and for so many of one segment', async () => {
  const host = new FakeHost(new LiveSegment())
  const sessions = new Sessions(IDLE_MS)
  const ours: Session[] = []
  for (let i = 0; i < LIMITS.linkSessionsMax; i++) ours.push(sessions.add(await guest(host), false))
  expect(host.guests).toBe(LIMITS.linkSessionsOfSegmentMax)
  const there = ours.filter(({ id }) => sessions.find(id, false) !== undefined)
  expect(there).toEqual(ours.slice(-LIMITS.linkSessionsOfSegmentMax))
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const running = there.map((session) => sessions.during(session, new AbortController(), () => held))
  const oneMore = await guest(host)
  expect(() => sessions.add(oneMore, false)).toThrow('lets this segment in 64 times already')
  for (let i = there.length; i < LIMITS.linkSessionsMax; i++) sessions.add(await guest(host, other(i)), false)
  const nobody = await guest(host, other(0))
  expect(() => sessions.add(nobody, false)).toThrow('as many peers as it can')
  expect(host.guests).toBe(LIMITS.linkSessionsMax)
  release()
  await Promise.all(running)
  sessions.endAll()
  expect(host.guests).toBe(0)
})
