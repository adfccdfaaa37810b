import { expect, test } from 'vitest'
import { type Cause, type Facts, holdOf } from '../../src/app/why/hold.js'
import type { ServiceWhy } from '../../src/app/why/service-why.js'
import { ordinal, whyText } from '../../src/cli/text/why.js'
import { segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'

const NOW = 1_577_289_600_000
const PATH = 'Hawaii/Cola/bk1'

const NOTHING: Facts = {
  service: 'hawaii',
  bucket: PATH,
  unadopted: false,
  isEnabled: true,
  pause: false,
  isRunning: true,
  unasked: undefined,
  refused: undefined,
  lastError: null,
  retry: undefined,
  place: undefined,
  isIgnored: false,
  mode: 'both',
  isPassed: false,
}

/** Each with all the causes that come after it, which then do not count. */
const CAUSES: readonly (readonly [cause: Cause, facts: Partial<Facts>])[] = [
  ['left-out', {}],
  ['continuous', { mode: 'continuous' }],
  ['queue', { place: { at: 14, of: 2210, bytesBefore: 3 * 1024 ** 3, capped: false } }],
  ['initial', { mode: 'initial', isPassed: true }],
  [
    'parked',
    { retry: { key: objectKey('k'), why: 'it is read by nobody', tries: 3, firstMs: 1, nextMs: NOW + 40_000 } },
  ],
  ['failing', { lastError: { atMs: NOW, message: "the peer's disk is full", nextTryMs: NOW + 5000 } }],
  ['rights', { refused: 'the peer gives no right to read Hawaii-r/Cola/bk1' }],
  ['link', { unasked: 'hawaii:14000 cannot be reached: nothing listens there' }],
  ['no-gateway', { isRunning: false }],
  ['paused', { pause: true }],
  ['disabled', { isEnabled: false }],
  ['ignored', { isIgnored: true }],
  ['unadopted', { unadopted: true }],
]

test('of all causes the one is told that has to go first', () => {
  let facts = NOTHING
  for (const [cause, more] of CAUSES) {
    facts = { ...facts, ...more }
    const hold = holdOf(facts)
    expect(hold.cause).toBe(cause)
    for (const line of [hold.why, hold.next]) expect(line, cause).toMatch(/\S/)
  }
})

test('what is there at first is in the queue until it was gone through', () => {
  const place = { at: 1, of: 2, bytesBefore: 0, capped: false }
  expect(holdOf({ ...NOTHING, mode: 'initial', place }).cause).toBe('queue')
  expect(holdOf({ ...NOTHING, mode: 'initial', place, isPassed: true })).toMatchObject({
    cause: 'initial',
    place: null,
  })
  expect(holdOf({ ...NOTHING, mode: 'initial' }).cause).toBe('initial')
})

test('an error that is mended holds nothing up', () => {
  const lastError = { atMs: NOW, message: 'it was away', nextTryMs: null }
  expect(holdOf({ ...NOTHING, lastError }).cause).toBe('left-out')
})

const TOLD: ServiceWhy = {
  service: 'hawaii',
  direction: 'send',
  place: 'Hawaii-r/Cola/bk1 at 10.3.32.240:14000',
  peer: segmentGuid('21d055ae'.padEnd(32, '0')),
  asked: true,
  has: ['v2'],
  coming: [],
  hold: null,
}

const VERSION = { atMs: NOW - 120_000, segment: segmentGuid('7f3a91c2'.padEnd(32, '0')), here: true, deleted: false }
const VERSIONS = [
  { ...VERSION, number: 3, version: 'v3', head: true, tip: true },
  { ...VERSION, number: 2, version: 'v2', head: false, tip: false },
]

const linesOf = (told: ServiceWhy): string[] =>
  whyText({ path: `${PATH}/k`, versions: VERSIONS, services: [told], peerless: [] }, NOW)
    .trimEnd()
    .split('\n')

test('what is parked says why, how often and when, and where it stands then', () => {
  const facts: Facts = Object.assign({}, NOTHING, ...CAUSES.slice(0, 5).map(([, more]) => more))
  expect(linesOf({ ...TOLD, hold: holdOf(facts) })).toEqual([
    'version 3 (2 minutes ago, here) is the head',
    'hawaii: Hawaii-r/Cola/bk1 at 10.3.32.240:14000 has version 2',
    '  waiting: it is read by nobody (4th try in 40s); then it is 14th of 2,210, 3.00 GiB before it',
    '  next: it is tried again',
  ])
})

test('what is there, what cannot be asked, what the other side alone has', () => {
  const [, ...rest] = linesOf({ ...TOLD, has: ['v3', 'v2'] })
  expect(rest).toEqual(['hawaii: Hawaii-r/Cola/bk1 at 10.3.32.240:14000 has version 3'])
  expect(linesOf({ ...TOLD, asked: false, has: null })[1]).toMatch(/cannot be asked; it lacked it when /)
  expect(linesOf({ ...TOLD, asked: false })[1]).toMatch(/cannot be asked; it had it when /)
  expect(linesOf({ ...TOLD, asked: false, peer: null })[1]).toMatch(/cannot be asked; it was never reached$/)
  expect(linesOf({ ...TOLD, asked: false, direction: 'receive' })[1]).toMatch(/cannot be asked; what it has is not /)
  const unheard = whyText(
    { path: 'p', versions: [], services: [{ ...TOLD, asked: false, has: [] }], peerless: [] },
    NOW,
  )
  expect(unheard).toMatch(/^no version of p is here\nhawaii: .* cannot be asked; what it has is not known\n$/)
  expect(linesOf({ ...TOLD, has: null })[1]).toMatch(/has not got it yet$/)
  expect(linesOf({ ...TOLD, has: null, direction: 'receive' })[1]).toMatch(/is taken from$/)
  expect(linesOf({ ...TOLD, coming: ['v9'] })[1]).toMatch(/has version 2, and has a version that is not here$/)
  expect(whyText({ path: 'p', versions: [], services: [], peerless: [] }, NOW)).toBe(
    'no version of p is here\nno service serves its bucket: efs bucket attach\n',
  )
  expect(whyText({ path: 'p', versions: [], services: [], peerless: ['in'] }, NOW)).toBe(
    'no version of p is here\nin: has no peer to call; whoever calls it can tell: efs why, there\n',
  )
})

test('ordinals', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 113, 2210].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
    '102nd',
    '113th',
    '2,210th',
  ])
})
