import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdSet } from '../../src/base/id-set.js'

const id = fc.stringMatching(/^[0-9a-f]{64}$/)

test('holds what was added and nothing else, as it grows', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 3000 }), fc.array(id, { maxLength: 50 }), (added, asked) => {
      const [set, plain] = [new IdSet(), new Set<string>()]
      for (const one of added) {
        set.add(one)
        plain.add(one)
      }
      expect(set.size).toBe(plain.size)
      for (const one of [...added, ...asked]) expect(set.has(one)).toBe(plain.has(one))
    }),
    { numRuns: 20 },
  )
})

test('ids that differ in any of the first 96 bits are two', () => {
  const set = new IdSet()
  set.add('0'.repeat(64))
  for (let at = 0; at < 24; at++) expect(set.has(`${'0'.repeat(at)}1${'0'.repeat(63 - at)}`), `${at}`).toBe(false)
  expect(set.has('0'.repeat(64))).toBe(true)
})
