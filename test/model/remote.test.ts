import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHostPort, parseRemote, remoteText } from '../../src/model/remote.js'
import { refusal } from '../service/refusal.js'

const gateway = (host: string, port: number, secure = false) => ({ kind: 'gateway', secure, host, port })

for (const [text, remote] of [
  ['ccow://10.100.194.238:14000', gateway('10.100.194.238', 14000)],
  ['ccow://hawaii-r.example', gateway('hawaii-r.example', 14000)],
  ['ccows://[fe80::1]:443/', gateway('fe80::1', 443, true)],
  [`ccows://h:1#sha256:${'ab'.repeat(32)}`, { ...gateway('h', 1, true), fingerprint: `sha256:${'ab'.repeat(32)}` }],
  ['file:///srv/mirror', { kind: 'directory', path: '/srv/mirror' }],
  ['file:///srv/a%20b@c', { kind: 'directory', path: '/srv/a b@c' }],
  ['s3://photos', { kind: 's3', bucket: 'photos', prefix: '' }],
  ['s3://photos/2026/a@b', { kind: 's3', bucket: 'photos', prefix: '2026/a@b/' }],
  ['s3+segment://photos', { kind: 's3-segment', at: { kind: 's3', bucket: 'photos', prefix: '' } }],
  ['s3+segment://my.photos/a@b/c', { kind: 's3-segment', at: { kind: 's3', bucket: 'my.photos', prefix: 'a@b/c/' } }],
] as const) {
  test(text, () => {
    const parsed = parseRemote(text, 'LINE')
    expect(parsed).toEqual(remote)
    expect(parseRemote(remoteText(parsed), 'LINE')).toEqual(parsed)
  })
}

const FORMS =
  'write ccow://HOST:PORT, ccows://HOST:PORT[#sha256:HEX], file:///DIR, s3://BUCKET[/PREFIX] or s3+segment://BUCKET[/PREFIX]'
const NO_BUCKET = 'which bucket is which is said by bucket attach --as'

for (const [text, why, hint] of [
  ['10.3.32.240:14000', 'it has no kind', 'did you mean ccow://10.3.32.240:14000?'],
  ['hawaii-r', 'it has no kind', 'did you mean ccow://hawaii-r:14000?'],
  ['s3+segments://bucket', 'no kind s3+segments:', FORMS],
  ['s3+segment://archive/a#Hawaii/Cola/bk1', NO_BUCKET, 'did you mean s3+segment://archive/a/?'],
  ['s3+segment://archive#', NO_BUCKET, 'did you mean s3+segment://archive?'],
  [
    's3+segment://B',
    'a bucket of S3 has 3 to 255 letters, digits, dots, hyphens and underscores: s3://bucket/prefix',
    FORMS,
  ],
  ['s3://B', 'a bucket of S3 has 3 to 255 letters, digits, dots, hyphens and underscores: s3://bucket/prefix', FORMS],
  ['CCOW://h:1', 'no kind CCOW:', FORMS],
  ['ccow://', 'no host and port', FORMS],
  ['ccow://h:0', 'no host and port', FORMS],
  ['ccow://h:65536', 'no host and port', FORMS],
  ['ccow://[::g]:1', 'no host and port', FORMS],
  ['ccow://a b:1', 'no host and port', FORMS],
  [`ccow://h:1#sha256:${'ab'.repeat(32)}`, 'only ccows:// has a certificate', FORMS],
  ['ccow://h:1/Hawaii/Cola/bk1', NO_BUCKET, 'did you mean ccow://h:1?'],
] as const) {
  test(`${text} is refused`, () => {
    expect(refusal(() => parseRemote(text, 'LINE'))).toEqual({
      code: 'USAGE',
      message: `not the address of a peer: ${text} (${why})`,
      hint,
    })
  })
}

test('a directory on another machine is refused', () => {
  expect(refusal(() => parseRemote('file://host/dir', 'LINE')).hint).toMatch(/^write file:\/\/\/DIR,/)
  expect(refusal(() => parseRemote('file://~/dir', 'LINE')).hint).toMatch(/ write "file:\/\/\$HOME\/dir"$/)
})

test('a password in an address is never repeated', () => {
  const secret = fc.stringMatching(/^[!-~]{8,20}$/).filter((text) => !/[@]/.test(text))
  const before = fc.constantFrom('ccow://', 'ccows://', 'file://', 's3://', 's3+segment://', 'ccow:/', '')
  fc.assert(
    fc.property(before, secret, (scheme, password) => {
      fc.pre(scheme !== 'file://' || !password.includes('/'))
      const { message, hint = '' } = refusal(() => parseRemote(`${scheme}pair:${password}@h:14000`, 'LINE'))
      expect(`${message} ${hint}`).not.toContain(password)
    }),
  )
})

test('host and port', () => {
  expect(parseHostPort('[::1]:14000')).toEqual({ host: '::1', port: 14000 })
  for (const text of ['::1:14000', 'h', 'h:', ':1', '-h:1', 'h-:1', 'h:1x', '[h]:1', 'h:100000', 'h/x:1'])
    expect(parseHostPort(text), text).toBeUndefined()
})
