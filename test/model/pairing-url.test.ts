import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { isPairingUrl, ONE_TIME_SIGNS, pairingUrlText, parsePairingUrl } from '../../src/model/pairing-url.js'
import { parseRemote } from '../../src/model/remote.js'

const MARK = `sha256:${'9f2c'.repeat(16)}`
const URL = `ccows://pair:K7Q2-M4XD-9TPL@10.3.32.240:14000/Hawaii-r/Cola/bk1#${MARK}`
const PARSED = {
  secure: true,
  host: '10.3.32.240',
  port: 14000,
  oneTime: 'K7Q2-M4XD-9TPL',
  fingerprint: MARK,
  path: 'Hawaii-r/Cola/bk1',
}

test('a pairing URL says where, with what, which certificate and which bucket', () => {
  expect(parsePairingUrl(URL)).toEqual(PARSED)
  expect(parsePairingUrl(`  ${URL.replace('K7Q2-M4XD', 'k7q2-m4xd')}\r`)).toEqual(PARSED)
  expect(pairingUrlText(PARSED)).toBe(URL)
})

test('without a certificate, a bucket, or a name of the host', () => {
  const plain = { ...PARSED, secure: false, host: '::1', fingerprint: undefined, path: '' }
  expect(pairingUrlText(plain)).toBe('ccow://pair:K7Q2-M4XD-9TPL@[::1]:14000')
  expect(parsePairingUrl('ccow://pair:K7Q2-M4XD-9TPL@[::1]:14000')).toEqual(plain)
  expect(parsePairingUrl('ccow://pair:K7Q2-M4XD-9TPL@[::1]:14000/')).toEqual(plain)
})

test('whatever it says comes back', () => {
  const sign = fc.constantFrom(...ONE_TIME_SIGNS)
  const group = fc.array(sign, { minLength: 4, maxLength: 4 }).map((signs) => signs.join(''))
  const name = fc.constantFrom('Hawaii', 'a#b', 'a@b', 'a?b', 'a%2Fb', 'ä', '*', '😀', ':')
  const urls = fc.record({
    secure: fc.constant(true),
    host: fc.constantFrom('10.0.0.1', 'h.example', '::1', 'fe80::1'),
    port: fc.integer({ min: 1, max: 65_535 }),
    oneTime: fc.tuple(group, group, group).map((groups) => groups.join('-')),
    fingerprint: fc.constant(MARK),
    path: fc.array(name, { minLength: 2, maxLength: 3 }).map((names) => names.join('/')),
  })
  fc.assert(
    fc.property(urls, (url) => {
      expect(parsePairingUrl(pairingUrlText(url))).toEqual(url)
    }),
  )
})

test.each([
  ['another kind', URL.replace('ccows', 'https'), 'its form is another'],
  ['another user', URL.replace('pair:', 'user:'), 'its form is another'],
  ['a sign that there is none', URL.replace('K7Q2', 'K7Q0'), 'its one-time token is not whole'],
  ['a token that is cut', URL.replace('-9TPL', ''), 'its one-time token is not whole'],
  ['no port', URL.replace(':14000', ''), 'it has no host and port'],
  ['no fingerprint', URL.slice(0, URL.indexOf('#')), 'its fingerprint is not whole'],
  ['a fingerprint that is cut', URL.slice(0, -1), 'its fingerprint is not whole'],
  ['a fingerprint without encryption', URL.replace('ccows', 'ccow'), 'only ccows has a fingerprint'],
  ['a key', URL.replace('bk1', 'bk1/key'), 'what follows the host is no bucket and no tenant'],
  ['a cluster', URL.replace('/Cola/bk1', ''), 'what follows the host is no bucket and no tenant'],
  ['a slash within a name', URL.replace('bk1', 'a%2Fb'), 'what follows the host is no bucket and no tenant'],
  ['a bad escape', URL.replace('bk1', '%zz'), 'what follows the host is no bucket and no tenant'],
])('%s is refused, and the token is not repeated', (_, line, why) => {
  try {
    parsePairingUrl(line)
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE', message: `that is no pairing URL: ${why}` })
    expect(error instanceof EfsError && `${error.message} ${error.hint}`).not.toContain('M4XD')
    return
  }
  throw new Error('it was taken')
})

test('as an address it is refused, like all that hold a secret', () => {
  expect(isPairingUrl(URL)).toBe(true)
  expect(isPairingUrl('ccows://10.3.32.240:14000')).toBe(false)
  expect(() => parseRemote(URL, 'LINE')).toThrow(/holds no password/)
})
