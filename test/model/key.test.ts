import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, keyFault, objectKey } from '../../src/model/key.js'

test.each([
  ['', 'empty'],
  ['a\0b', 'NUL'],
  ['.', "'.'"],
  ['a/../b', "'..'"],
  ['a/.', "'.'"],
  ['k'.repeat(1025), '1025 bytes'],
  ['ä'.repeat(513), '1026 bytes'],
  ['\uD800', 'not UTF-8'],
  ['a\uFFFDb', 'not UTF-8'],
])('%j is no key', (text, why) => {
  expect(keyFault(text)).toContain(why)
  expect(() => objectKey(text)).toThrow(expect.objectContaining({ code: 'BAD_KEY', exit: 2 }))
})

test.each([
  'a',
  '...',
  '.hidden',
  'a..b/c.',
  'a//b',
  '/',
  'a/',
  'k'.repeat(1024),
  'ä'.repeat(512),
  '\u{1F600}',
  'new\nline',
])('%j is a key', (text) => {
  expect(objectKey(text)).toBe(text)
})

test('keys are ordered as their UTF-8 bytes are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})
