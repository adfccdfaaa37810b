import { expect, test } from 'vitest'
import { estimateOf, type Measured, tellsSpeed } from '../../src/transfer/estimate.js'

const MiB = 1024 * 1024
const nothing: Measured = { lookSeconds: 0.1, run: undefined, reading: undefined, bandwidth: undefined }
const large = { objects: 0, bytes: 100 * MiB, seconds: 10 }
const many = { objects: 2560, bytes: 0, seconds: 10 }

test.each<[string, Partial<Measured>, ReturnType<typeof estimateOf>]>([
  ['nothing was measured', {}, null],
  ['by the bytes of a run', { run: { ...large, run: 7 } }, { seconds: 20, by: 'run', run: 7 }],
  ['by the objects of a run', { run: many }, { seconds: 20, by: 'run', run: null }],
  [
    'a run counts before reading',
    { run: large, reading: { ...large, seconds: 1 } },
    { seconds: 20, by: 'run', run: null },
  ],
  ['by reading', { reading: large }, { seconds: 20, by: 'reading', run: null }],
  ['looking takes longer', { reading: large, lookSeconds: 60 }, { seconds: 60, by: 'reading', run: null }],
  ['the bandwidth is less', { run: large, bandwidth: MiB }, { seconds: 150, by: 'bandwidth', run: null }],
  ['the bandwidth is more', { run: large, bandwidth: 100 * MiB }, { seconds: 20, by: 'run', run: null }],
  ['the bandwidth alone', { bandwidth: 50 * MiB }, { seconds: 3, by: 'bandwidth', run: null }],
])('150 MiB in 1,280 objects: %s', (_, measured, estimate) => {
  expect(estimateOf({ objects: 1280, bytes: 150 * MiB }, { ...nothing, ...measured })).toEqual(estimate)
})

test('what moved little, or little of what was looked at, tells no speed', () => {
  expect(tellsSpeed({ objects: 10, bytes: 20 * MiB }, 10)).toBe(false)
  expect(tellsSpeed({ objects: 10, bytes: 200 * MiB }, 10)).toBe(true)
  expect(tellsSpeed({ objects: 10, bytes: 200 * MiB }, 1_000_000)).toBe(false)
  expect(tellsSpeed({ objects: 4000, bytes: 0 }, 4000)).toBe(true)
})
