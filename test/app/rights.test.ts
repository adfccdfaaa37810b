import { expect, test } from 'vitest'
import { waysOf } from '../../src/app/link/pair-run.js'
import { pairsOf } from '../../src/app/link/pairs.js'
import { grantsOf, isVisible, joinGrants, rightsTo } from '../../src/app/link/rights.js'
import { rulesOf } from '../../src/app/link/rules.js'
import { servicePairs } from '../../src/app/link/service-pairs.js'
import { withServed } from '../../src/service/served.js'
import { newService } from '../../src/service/service.js'
import { HandClock } from '../contracts/samples.js'
import { MemorySegment } from '../fakes/memory-segment/segment.js'

const BOTH = { read: true, write: true }
const READ = { read: true, write: false }
const WRITE = { read: false, write: true }
const NONE = { read: false, write: false }

const service = (direction: string) => newService('isgw', 'hawaii', { 'X-ISGW-Direction': direction })

test.each([
  ['-', BOTH],
  ['send', READ],
  ['receive', WRITE],
  ['both', BOTH],
])('a service of direction %s that serves nothing lets into all', (direction, rights) => {
  expect(grantsOf(service(direction))).toEqual({ '*': rights })
  expect(rightsTo('Hawaii/Cola/bk1', grantsOf(service(direction)))).toEqual(rights)
})

test('one that serves lets into what it serves, and gives nothing out of what is paused', () => {
  const served = withServed(withServed(service('both'), { path: 'Hawaii/Cola/bk1', pause: false }), {
    path: 'Hawaii/Pepsi',
    pause: true,
  })
  const grants = grantsOf(served)
  expect(rightsTo('Hawaii/Cola/bk1', grants)).toEqual(BOTH)
  expect(rightsTo('Hawaii/Cola/bk2', grants)).toEqual(NONE)
  expect(rightsTo('Hawaii/Pepsi/any', grants)).toEqual(WRITE)
  expect(
    ['Hawaii', 'Hawaii/Cola', 'Hawaii/Cola/bk1', 'Hawaii/Pepsi/any'].every((path) => isVisible(path, grants)),
  ).toBe(true)
  expect(['Maui', 'Hawaii/Col', 'Hawaii/Cola/bk2'].some((path) => isVisible(path, grants))).toBe(false)
})

test('the most exact grant counts', () => {
  const grants = { '*': READ, 'Hawaii/Cola': BOTH, 'Hawaii/Cola/bk1': NONE }
  expect(rightsTo('Maui/Cola/bk1', grants)).toEqual(READ)
  expect(rightsTo('Hawaii/Cola/bk2', grants)).toEqual(BOTH)
  expect(rightsTo('Hawaii/Cola/bk1', grants)).toEqual(NONE)
})

test('what several doors open is open', () => {
  expect(joinGrants([{ '*': READ }, { 'Hawaii/Cola': WRITE }])).toEqual({ '*': READ, 'Hawaii/Cola': BOTH })
})

test('a tenant stands for the buckets of both sides', () => {
  const there = (tenant: string) => [`${tenant}/b`, `${tenant}/c`]
  expect(pairsOf({ path: 'H/C', as: 'R/C', pause: false }, () => ['H/C/a', 'H/C/b'], there)).toEqual(
    ['a', 'b', 'c'].map((name) => ({ here: `H/C/${name}`, there: `R/C/${name}`, pause: false, served: 'H/C' })),
  )
  expect(pairsOf({ path: 'H/C/a', pause: true }, () => [], there)).toEqual([
    { here: 'H/C/a', there: 'H/C/a', pause: true, served: 'H/C/a' },
  ])
})

test.each([
  { sends: true, receives: false, rights: WRITE, names: ['both', 'here'] },
  { sends: false, receives: true, rights: READ, names: ['both', 'there'] },
  { sends: true, receives: true, rights: BOTH, names: ['both', 'here', 'there'] },
  { sends: true, receives: true, rights: WRITE, names: ['both', 'here'] },
  { sends: true, receives: true, rights: READ, names: ['both', 'there'] },
  // What is refused is to be told.
  { sends: true, receives: false, rights: NONE, names: ['both', 'here'] },
])('of a tenant, a bucket that only the side that takes has is no pair: %o', async ({ rights, names, ...ways }) => {
  const segment = new MemorySegment(new HandClock(0))
  for (const name of ['H', 'H/C', 'H/C/here', 'H/C/both']) await segment.names.create(name, {})
  const peer = { bucketsOf: async () => ['R/C/both', 'R/C/there'], rightsTo: () => rights }
  const pairs = await servicePairs(
    segment,
    { path: 'H/C', as: 'R/C', pause: false },
    peer,
    ways,
    new AbortController().signal,
  )
  expect(pairs.map(({ here }) => here)).toEqual(names.map((name) => `H/C/${name}`))
})

test.each([
  { direction: 'send', rights: BOTH, ways: { sends: false, receives: false } },
  { direction: 'both', rights: BOTH, ways: { sends: false, receives: true } },
  { direction: '-', rights: WRITE, ways: { sends: false, receives: false } },
  { direction: 'receive', rights: WRITE, ways: undefined },
  { direction: 'both', rights: WRITE, ways: undefined },
])('what is paused for sending still fails for what it is to receive: $direction', ({ direction, rights, ways }) => {
  const go = () => waysOf({ there: 'R/C/b', pause: true }, rulesOf(service(direction)), rights)
  if (ways === undefined) expect(go).toThrow('the peer gives no right to read R/C/b')
  else expect(go()).toEqual(ways)
})
