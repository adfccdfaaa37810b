import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { fileCredentials } from '../../src/app/credentials/credentials.js'
import { rightsTo } from '../../src/app/link/rights.js'
import { keepPairing } from '../../src/app/peers/keep.js'
import { knownPeer, knownPeers, notePeer, pinnedAt } from '../../src/app/peers/known.js'
import { LIMITS } from '../../src/base/limits.js'
import { HandClock } from '../contracts/samples.js'
import { folder } from '../store/homes.js'
import { GUEST, host, MARK, OTHER, START_MS } from './hosts.js'

const AT = { host: '10.3.32.240', port: 14000 }
const OTHER_MARK = MARK.replaceAll('9', '8')

test('a peer is known from when it was seen first, by what it calls itself', async () => {
  const segment = await host()
  const clock = new HandClock(START_MS)
  expect(knownPeers(segment)).toEqual([])
  await notePeer(segment, { segment: GUEST, label: 'hawaii', clock })
  clock.ms += LIMITS.peerSeenMs
  await notePeer(segment, { segment: GUEST, label: 'two\nlines', clock })
  await notePeer(segment, { segment: OTHER, clock })
  const seen = { segment: GUEST, label: 'hawaii', firstSeenMs: START_MS, lastSeenMs: clock.ms, pins: {} }
  expect(knownPeer(segment, GUEST)).toEqual(seen)
  expect(knownPeers(segment)).toEqual([seen, { ...seen, segment: OTHER, label: '', firstSeenMs: clock.ms }])
  expect(statSync(path.join(segment.home, `peers/${GUEST}.json`)).mode & 0o777).toBe(0o600)
})

test('that it was seen is not written each time, but what is new is', async () => {
  const segment = await host()
  const clock = new HandClock(START_MS)
  await notePeer(segment, { segment: GUEST, label: 'a', clock })
  clock.ms += LIMITS.peerSeenMs - 1
  await notePeer(segment, { segment: GUEST, label: 'a', clock })
  expect(knownPeer(segment, GUEST)?.lastSeenMs).toBe(START_MS)
  await notePeer(segment, { segment: GUEST, label: 'b', clock })
  expect(knownPeer(segment, GUEST)).toMatchObject({ label: 'b', lastSeenMs: clock.ms })
})

test('the certificate of an address is pinned; the peer seen last there counts', async () => {
  const segment = await host()
  const clock = new HandClock(START_MS)
  expect(pinnedAt(segment, AT)).toBeUndefined()
  await notePeer(segment, { segment: OTHER, pin: { at: AT, fingerprint: MARK }, clock })
  expect(pinnedAt(segment, AT)).toMatchObject({ peer: { segment: OTHER }, fingerprint: MARK })
  clock.ms += 1
  await notePeer(segment, { segment: GUEST, pin: { at: AT, fingerprint: OTHER_MARK }, clock })
  expect(pinnedAt(segment, AT)).toMatchObject({ peer: { segment: GUEST }, fingerprint: OTHER_MARK })
  expect(pinnedAt(segment, { ...AT, port: 1 })).toBeUndefined()
})

test('of many addresses of one peer the latest are kept', async () => {
  const segment = await host()
  const clock = new HandClock(START_MS)
  for (let port = 1; port <= LIMITS.pinsOfPeerMax + 2; port++)
    await notePeer(segment, { segment: GUEST, pin: { at: { host: 'h', port }, fingerprint: MARK }, clock })
  expect(Object.keys(knownPeer(segment, GUEST)?.pins ?? {})).toHaveLength(LIMITS.pinsOfPeerMax)
  expect(pinnedAt(segment, { host: 'h', port: 2 })).toBeUndefined()
  expect(pinnedAt(segment, { host: 'h', port: 3 })?.fingerprint).toBe(MARK)
})

test('what pairing gave is kept: the secret by its service, the peer with its certificate', async () => {
  const segment = await host()
  const config = await folder()
  const received = { service: 'hawaii', peer: GUEST, label: 'r', at: AT, fingerprint: MARK, token: 'efs1_x' }
  await keepPairing(segment, fileCredentials(config), { ...received, clock: new HandClock(START_MS) })
  expect(await fileCredentials(config).find({ segment: segment.guid, service: 'hawaii' })).toBe('efs1_x')
  expect(pinnedAt(segment, AT)?.fingerprint).toBe(MARK)
  expect(readFileSync(path.join(segment.home, `peers/${GUEST}.json`), 'utf8')).not.toContain('efs1_x')
})

test('the most exact grant counts, also where it gives less', () => {
  const read = { read: true, write: false }
  const both = { read: true, write: true }
  const none = { read: false, write: false }
  const grants = { 'Hawaii/Cola/bk1': none, 'Hawaii/Cola': both, '*': read }
  expect(rightsTo('Hawaii/Cola/bk1', grants)).toEqual(none)
  expect(rightsTo('Hawaii/Cola/bk2', grants)).toEqual(both)
  expect(rightsTo('Hawaii/Pepsi/bk1', grants)).toEqual(read)
  expect(rightsTo('Hawaii/Cola2/bk1', { 'Hawaii/Cola': both })).toEqual(none)
  expect(rightsTo('a/b/toString', {})).toEqual(none)
})
