import { expect, test } from 'vitest'
import { durationFrom } from '../../src/cli/flags/flags.js'

test('a length of time is one that a timer can be set to', () => {
  expect(['0', '5', '30s', '5m', '2h', '24d'].map((text) => durationFrom(text, 'timeout'))).toEqual([
    0, 5000, 30_000, 300_000, 7_200_000, 2_073_600_000,
  ])
  for (const text of ['', '1ms', '-1s', '1.5s', 'long', '9'.repeat(30)]) {
    expect(() => durationFrom(text, 'timeout'), text).toThrow(`--timeout ${text}: not a length of time`)
  }
  for (const text of ['25d', '99999999999d'])
    expect(() => durationFrom(text, 'timeout'), text).toThrow(`--timeout ${text}: too long`)
})
