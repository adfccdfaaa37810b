import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { statsTable } from '../../src/cli/text/service-table.js'
import type { ServedStats } from '../../src/model/service.js'
import { NEVER_RUN } from '../../src/stats/never-run.js'

/** The table of the walk-through of 2019, without the blanks around it: where it stands they were lost. */
const GOLDEN = readFileSync('test/fixtures/service-table.txt', 'utf8').trim()
const NOW = 1_577_289_600_000

const WALK_THROUGH: ServedStats = {
  ...NEVER_RUN,
  timestampMs: NOW - 20_000,
  status: 'idle',
  state: 'continuous',
  delayMs: 30_000,
  requests: 12,
  bytesSent: 1536,
  networkErrors: 14,
}

const linesOf = (stats: ServedStats): string[] => statsTable('Hawaii/Cola/bk1', stats, NOW).split('\n')
const OLD_LINES = 1 + GOLDEN.split('\n').length

/** The value of each row, by its name. */
const valuesOf = (stats: ServedStats): Record<string, string> =>
  Object.fromEntries(
    [...statsTable('Hawaii/Cola/bk1', stats, NOW).matchAll(/^ {2}(\S.*?) +\| (.*?) *$/gm)].map((row) => row.slice(1)),
  )

test('the numbers of the walk-through make its table, byte by byte', () => {
  const [title, ...table] = linesOf(WALK_THROUGH).slice(0, OLD_LINES)
  expect(title).toBe('Stats for Hawaii/Cola/bk1:')
  expect(table.join('\n').trim()).toBe(GOLDEN)
  expect(table[0]).toBe(`${' '.repeat(10)}PARAMETER          |      VALUE        `)
})

test('the rows that the old table lacked follow below its last one, in its geometry', () => {
  const lines = linesOf({
    ...WALK_THROUGH,
    versionsOffered: 8114,
    versionsApplied: 8114,
    savedByDedupe: 829.1 * 1024 ** 2,
    savedByCompression: 91 * 1024 ** 2,
    lastSuccessMs: NOW - 3_000,
    lastError: { atMs: NOW - 125_000, message: 'connection refused (10.3.32.240:14000)', nextTryMs: null },
  })
  expect(lines.slice(OLD_LINES).map((line) => line.trimEnd())).toEqual([
    '  Objects behind             | 0',
    '  Bytes behind               | 0',
    '  Oldest unsent change       | -',
    '  Versions offered           | 8114',
    '  Versions already there     | 0',
    '  Versions applied           | 8114',
    '  Saved by dedupe            | 829.1M',
    '  Saved by compression       | 91.0M',
    '  Last success               | 3 seconds ago',
    '  Last error                 | 2 minutes ago: connection refused (10.3.32.240:14000), mended',
    '',
  ])
  for (const line of lines.slice(OLD_LINES, -2)) expect(line).toHaveLength(49)
})

test('what is held up is the last row, where anything is', () => {
  expect(
    linesOf({ ...NEVER_RUN, heldUp: 2 })
      .map((line) => line.trimEnd())
      .slice(-3),
  ).toEqual(['  Last error                 | -', '  Objects held up            | 2', ''])
})

test('before the first run there are zeros and -', () => {
  expect(Object.entries(valuesOf(NEVER_RUN)).filter(([, value]) => !/^(0|0ms|-)$/.test(value))).toEqual([
    ['Mode', 'complete'],
  ])
})

for (const [ms, text] of [
  [999, '999ms'],
  [1000, '1s'],
  [59_999, '59s'],
  [125_000, '2m 5s'],
  [3_605_999, '1h 0m 5s'],
] as const) {
  test(`a delay of ${ms} ms is ${text}`, () => {
    expect(valuesOf({ ...NEVER_RUN, delayMs: ms, latencyMs: ms })).toMatchObject({
      'Processing delay': text,
      Latency: text,
    })
    const behind = { objects: 1, bytes: 1, oldestMs: ms }
    expect(valuesOf({ ...NEVER_RUN, behind })).toMatchObject({ 'Oldest unsent change': text })
  })
}

test('what was not counted to its end is shown as that', () => {
  const behind = { objects: 10_000, bytes: 1536, oldestMs: 1000, capped: true } as const
  const shown = { 'Objects behind': '10000+', 'Bytes behind': '1.5K+' }
  expect(valuesOf({ ...NEVER_RUN, behind })).toMatchObject(shown)
})

for (const [seconds, text] of [
  [-5, 'now'],
  [0, 'now'],
  [1, '1 second ago'],
  [59, '59 seconds ago'],
  [60, '1 minute ago'],
  [7199, '1 hour ago'],
  [172_800, '2 days ago'],
] as const) {
  test(`${seconds} seconds before now is ${text}`, () => {
    expect(valuesOf({ ...NEVER_RUN, timestampMs: NOW - seconds * 1000 }).Timestamp).toBe(text)
  })
}

for (const [bytes, text] of [
  [1023, '1023'],
  [1024, '1.0K'],
  [2253, '2.2K'],
  [1024 ** 2 - 1, '1.0M'],
  [1024 ** 3 * 2.5, '2.5G'],
] as const) {
  test(`${bytes} bytes are ${text}`, () => {
    expect(valuesOf({ ...NEVER_RUN, bytesReceived: bytes, receiveThroughput: bytes })).toMatchObject({
      'Bytes received': text,
      'Receive throughput per sec': text,
    })
  })
}

test('an error that lasts says when it is tried again', () => {
  const shown = (nextTryMs: number | null): string | undefined =>
    valuesOf({ ...NEVER_RUN, lastError: { atMs: NOW - 2000, message: 'the disk of the peer is full', nextTryMs } })[
      'Last error'
    ]
  const text = '2 seconds ago: the disk of the peer is full'
  expect(shown(NOW + 65_000)).toBe(`${text}, next try in 1m 5s`)
  expect(shown(NOW - 1000)).toBe(`${text}, being tried again`)
  expect(shown(NOW - 2000)).toBe(`${text}, not mended`)
  expect(shown(null)).toBe(`${text}, mended`)
})

test('a time to come is not now, but for what clocks differ anyway', () => {
  const shown = (aheadMs: number): string | undefined =>
    valuesOf({ ...NEVER_RUN, lastSuccessMs: NOW + aheadMs })['Last success']
  expect([shown(59_000), shown(60_000), shown(7_200_000)]).toEqual(['now', '1 minute ahead', '2 hours ahead'])
})
