import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countOf, countText } from '../../src/base/counts.js'

test('a count is written as English writes it', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      expect(countText(n)).toBe(n.toLocaleString('en-US'))
    }),
  )
  expect([0, 999, 1000, -1000, 1234567].map(countText)).toEqual(['0', '999', '1,000', '-1,000', '1,234,567'])
})

test('only one is one', () => {
  expect([0, 1, 2000].map((n) => countOf(n, 'file'))).toEqual(['0 files', '1 file', '2,000 files'])
  expect(countOf(2, 'entry', 'entries')).toBe('2 entries')
})
