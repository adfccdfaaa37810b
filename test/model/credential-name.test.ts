import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { nameFor, parseCredentialName } from '../../src/model/credential-name.js'

test.each([
  ['s3://photos', 's3://photos', 'pair'],
  ['s3://photos/2019/', 's3://photos/2019', 'pair'],
  ['s3+segment://photos', 's3://photos', 'pair'],
  ['ccow://10.3.32.240', 'ccow://10.3.32.240:14000', 'line'],
  ['ccows://[::1]:9/#sha256:00', 'ccows://[::1]:9', 'line'],
  ['backup-key_1.a', 'backup-key_1.a', 'line'],
])('%s names %s', (typed, text, secret) => {
  expect(parseCredentialName(typed)).toEqual({ text, secret })
})

test.each([
  '',
  '-x',
  'two words',
  's3://',
  'ftp://host',
  'ccow://host/Hawaii/Cola/bk1',
  'ccow://',
  `s3://${'x'.repeat(1100)}`,
])('%j is no name', (typed) => {
  expect(() => parseCredentialName(typed)).toThrow(expect.objectContaining({ code: 'USAGE' }))
})

test('what may hold a password is not repeated', () => {
  for (const typed of ['s3://AKIA:geheim@photos', 'ccow://a:geheim@host:1']) {
    try {
      parseCredentialName(typed)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(EfsError)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('geheim')
    }
  }
})

test.each([
  ['s3://photos', 's3://photos'],
  ['s3://photos/', 's3://photos'],
  ['s3://photos/2019/a', 's3://photos/2019'],
  ['s3+segment://photos/2019', 's3://photos/2019'],
  ['s3://photos/20190', 's3://photos'],
  ['s3://photos2', undefined],
  ['ccow://host', 'ccow://host:14000'],
  ['ccow://host:14000/Hawaii/Cola/bk1', 'ccow://host:14000'],
  ['ccow://host:14001', undefined],
  ['ccows://host', undefined],
  ['mine', 'mine'],
  ['mine2', undefined],
])('the credential for %s is %s', (address, name) => {
  expect(nameFor(address, ['s3://photos', 's3://photos/2019', 'ccow://host:14000', 'mine'])).toBe(name)
})

test('of all fronts at a slash the longest is found, whatever their order', () => {
  const part = fc.constantFrom('a', 'b', 'ab')
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `s3://${parts.join('/')}`)
  fc.assert(
    fc.property(path, fc.uniqueArray(path), (address, names) => {
      const parts = address.slice('s3://'.length).split('/')
      const fronts = parts.map((_, i) => `s3://${parts.slice(0, parts.length - i).join('/')}`)
      expect(nameFor(address, names)).toBe(fronts.find((front) => names.includes(front)))
    }),
  )
})
