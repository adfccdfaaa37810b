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
