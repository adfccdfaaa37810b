import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseGlob } from '../../src/model/glob.js'

test.each([
  ['*.jpg', ['a.jpg', 'x/y/a.jpg', '.jpg'], ['a.jpeg', 'a.jpg/b']],
  ['a?c', ['abc', 'x/a😀c'], ['ac', 'abbc']],
  ['2019', ['2019', '2019/', 'x/2019'], ['2019/a']],
  ['2019/*', ['2019/a', '2019/'], ['2019/a/b', 'x/2019/a']],
  ['2019/**', ['2019/a', '2019/a/b', '2019/'], ['2019', 'x/2019/a']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb', 'xa/b']],
  ['**/b', ['b', 'x/b', 'x/y/b'], ['xb', 'b/']],
  ['a**/b', ['a/b', 'ax/y/b'], ['b', 'axb']],
  ['**', ['a', 'b/c'], []],
  ['a.[b]{c}(d)+\\', ['a.[b]{c}(d)+\\'], ['ab']],
  ['a?/b', [], ['a//b']],
])('%s', (pattern, yes, no) => {
  const glob = parseGlob(pattern)
  for (const key of yes) expect(glob(key), key).toBe(true)
  for (const key of no) expect(glob(key), key).toBe(false)
})

test('it agrees with the regular expression of the same rule', () => {
  const signs = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '?', '**/'), { minLength: 1, maxLength: 8 })
  const keys = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(signs, keys, (parts, key) => {
      const pattern = `/${parts.join('')}`
      expect(parseGlob(pattern)(key)).toBe(expressionOf(pattern).test(key))
    }),
    { numRuns: 2000 },
  )
})

function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/(?<![^/])\*\*\/|\*\*|\*|\?/g, (sign) => {
    if (sign === '**/') return '(?:.*/)?'
    if (sign === '**') return '.*'
    return sign === '*' ? '[^/]*' : '[^/]'
  })
  return new RegExp(`^${source}$`)
}

test('a pattern of many stars takes no longer than its length times that of the key', () => {
  expect(parseGlob(`${'*a'.repeat(30)}*b`)('a'.repeat(1024))).toBe(false)
})

test('no pattern, and one that is longer than any key', () => {
  for (const pattern of ['', 'x'.repeat(1025)])
    expect(() => parseGlob(pattern)).toThrow(expect.objectContaining({ code: 'USAGE' }))
})
