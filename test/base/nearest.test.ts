import { expect, test } from 'vitest'
import { nearest } from '../../src/base/nearest.js'

test.each([
  ['buket', 'bucket'],
  ['shwo', 'show'],
  ['gte', 'get'],
  ['SHOWW', 'show'],
  ['xyzzy', undefined],
  ['', undefined],
])('of bucket, show and get, %j is nearest to %s', (word, meant) => {
  expect(nearest(word, ['bucket', 'show', 'get'])).toBe(meant)
})

test.each([
  ['Hawaii/Cola/bk2', 'Hawaii/Cola/bk1'],
  ['Hawaii/Cola/other', undefined],
  ['Hawai/Cola/bk1', 'Hawaii/Cola/bk1'],
])('of a path the folder that both are in does not count: %s', (word, meant) => {
  expect(nearest(word, ['Hawaii/Cola/bk1'])).toBe(meant)
})
