import { homedir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  type Address,
  parseAddress,
  parseObjectAddress,
  parseObjectPath,
  type RemoteAddress,
  remoteAddressText,
} from '../../src/model/address.js'
import { codeOf } from '../transfer/runs.js'

const bucket = (rest: string, home?: string): Address => ({
  kind: 'bucket',
  ...(home === undefined ? {} : { home }),
  bucket: 'Hawaii/Cola/bk1',
  rest,
})
const directory = (path: string): Address => ({ kind: 'directory', path })

const s3 = (name: string, prefix: string): Address => ({ kind: 's3', bucket: name, prefix })

const PRINT = 'ab'.repeat(32)
const remote = (rest: string, more: object = {}): Address => ({
  kind: 'remote',
  secure: false,
  host: '10.3.32.240',
  port: 14000,
  bucket: 'Hawaii-r/Cola/bk1',
  rest,
  ...more,
})

const good: [string, Address][] = [
  ['Hawaii/Cola/bk1', bucket('')],
  ['Hawaii/Cola/bk1/', bucket('')],
  ['Hawaii/Cola/bk1/photos/', bucket('photos/')],
  ['Hawaii/Cola/bk1/photos/2019/a:b#c.raw', bucket('photos/2019/a:b#c.raw')],
  ['segment:/srv/b#Hawaii/Cola/bk1', bucket('', '/srv/b')],
  ['segment:b#Hawaii/Cola/bk1/photos/#1', bucket('photos/#1', 'b')],
  ['./photos', directory('./photos')],
  ['../photos', directory('../photos')],
  ['.', directory('.')],
  ['..', directory('..')],
  ['/', directory('/')],
  ['/srv/Hawaii/Cola/bk1', directory('/srv/Hawaii/Cola/bk1')],
  ['file:///srv/my%20photos', directory('/srv/my photos')],
  ['file:///srv/a%23b%3F', directory('/srv/a#b?')],
  ['s3://photos', s3('photos', '')],
  ['s3://photos/', s3('photos', '')],
  ['s3://_Old.Photos-2009/a', s3('_Old.Photos-2009', 'a/')],
  ['s3://my.photos-1/2019/a b', s3('my.photos-1', '2019/a b/')],
  ['s3://photos/2019/', s3('photos', '2019/')],
  ['ccow://10.3.32.240/Hawaii-r/Cola/bk1', remote('')],
  ['ccow://10.3.32.240:80/Hawaii-r/Cola/bk1/a/b#c', remote('a/b#c', { port: 80 })],
  ['ccow://[::1]:1/Hawaii-r/Cola/bk1', remote('', { host: '::1', port: 1 })],
  ['ccows://10.3.32.240/Hawaii-r/Cola/bk1/photos/', remote('photos/', { secure: true })],
  [
    `ccows://10.3.32.240/Hawaii-r/Cola/bk1#sha256:${PRINT.toUpperCase()}`,
    remote('', { secure: true, fingerprint: `sha256:${PRINT}` }),
  ],
]

test.each(good)('%s', (text, address) => {
  expect(parseAddress(text)).toEqual(address)
})

const bad: [string, RegExp][] = [
  ['s3://', /a bucket of S3 has/],
  ['s3:photos', /a bucket of S3 has/],
  ['s3://ab/c', /a bucket of S3 has/],
  ['s3://a b/c', /a bucket of S3 has/],
  ['s3://.../c', /a bucket of S3 has/],
  ['s3://my:bucket', /a bucket of S3 has/],
  [`s3://${'b'.repeat(256)}`, /a bucket of S3 has/],
  ['s3://10.3.32.240/photos', /is a host and no bucket/],
  ['s3://photos/a/../b', /a part that is/],
  ['', /three parts/],
  ['photos', /three parts/],
  ['Hawaii/Cola', /three parts/],
  ['Hawaii//bk1', /empty/],
  ['Hawaii/../bk1', /'\.\.'/],
  ['.hidden', /three parts/],
  ['Hawaii/Co la/bk1', /space/],
  [`Hawaii/Cola/${'b'.repeat(256)}`, /longer than 255 bytes/],
  ['ccow://10.0.0.1', /three parts/],
  ['ccow:///Hawaii/Cola/bk1', /no host and port/],
  ['ccow://h:0/Hawaii/Cola/bk1', /no host and port/],
  ['ccow://user:pw@h/Hawaii/Cola/bk1', /^an address holds no password: others could read it$/],
  ['s3://KEY:se/cret@photos/a', /^an address in S3 holds no keys: others could read them$/],
  ['s3+segment://KEY:secret@photos', /^an address in S3 holds no keys: others could read them$/],
  [`ccow://h/Hawaii/Cola/bk1#sha256:${PRINT}`, /only ccows:/],
  ['gs://bucket/prefix', /gs:/],
  ['segment:/srv/b', /segment:/],
  ['segment:#Hawaii/Cola/bk1', /segment:/],
  ['segment:/srv/b#photos', /three parts/],
  ['file://elsewhere/srv', /file:/],
  ['file:photos', /file:/],
  ['file:///srv/a#b', /file:/],
  ['file:///srv/a?b', /file:/],
]

test.each([
  ['file:///srv/a?b', 'write file:///DIR, with %3F and %23 for ? and #'],
  ['file://~/photos', '~ is no folder in a URL: write "file://$HOME/photos"'],
  ['file://~', '~ is no folder in a URL: write "file://$HOME"'],
])('%s: what to write instead', (text, hint) => {
  expect(() => parseAddress(text)).toThrow(expect.objectContaining({ hint }))
})

test('what a shell leaves as it is behind segment: is the own folder', () => {
  expect(parseAddress('segment:~/b#Hawaii/Cola/bk1')).toEqual(bucket('', path.join(homedir(), 'b')))
  expect(parseAddress('segment:~#Hawaii/Cola/bk1')).toEqual(bucket('', homedir()))
  expect(parseAddress('segment:./~/b#Hawaii/Cola/bk1')).toEqual(bucket('', './~/b'))
})

test.each(bad)('refused: %s', (text, why) => {
  expect(() => parseAddress(text)).toThrow(why)
  expect(codeOf(() => parseAddress(text))).toBe('USAGE')
})

test('a segment in S3, with the bucket in it or without', () => {
  const at = { kind: 's3', bucket: 'bucket', prefix: 'pre/fix/' }
  expect(parseAddress('s3+segment://bucket/pre/fix')).toEqual({ kind: 's3-segment', at, rest: '' })
  expect(parseAddress('s3+segment://bucket/pre/fix/#Hawaii/Cola/bk1/a/')).toEqual({
    kind: 's3-segment',
    at,
    bucket: 'Hawaii/Cola/bk1',
    rest: 'a/',
  })
  for (const text of ['s3+segment://', 's3+segment:bucket', 's3+segment://bucket/p#photos', 's3+segment://bucket/p#'])
    expect(codeOf(() => parseAddress(text))).toBe('USAGE')
  expect(codeOf(() => parseObjectAddress('s3+segment://bucket/p#Hawaii/Cola/bk1/a'))).toBe('USAGE')
})

test('an object has a key', () => {
  expect(parseObjectPath('Hawaii/Cola/bk1/a/b')).toEqual({ bucket: 'Hawaii/Cola/bk1', key: 'a/b' })
  for (const text of ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk1/', 'a']) {
    expect(codeOf(() => parseObjectPath(text))).toBe('USAGE')
  }
  for (const parse of [parseObjectPath, parseObjectAddress])
    expect(() => parse('./dir/a')).toThrow(expect.objectContaining({ hint: 'write Hawaii/Cola/bk1/any/key' }))
})

test.each([
  's3://photos/a',
  's3+segment://photos#Hawaii/Cola/bk1/a',
  'file:///srv/a',
  'segment:/srv/b#Hawaii/Cola/bk1/a',
])('a single object is nowhere else: %s', (text) => {
  for (const parse of [parseObjectPath, parseObjectAddress])
    expect(() => parse(text)).toThrow(/^single objects of [a-z0-9+]+: are not asked for$/)
})

test('an object may be at a gateway, for what asks there', () => {
  expect(() => parseObjectPath('ccows://10.3.32.240/Hawaii-r/Cola/bk1/a')).toThrow(
    'objects at a gateway are got and listed, and nothing else',
  )
  const { address, key } = parseObjectAddress('ccow://10.3.32.240/Hawaii-r/Cola/bk1/a/b')
  expect([address, key]).toEqual([remote('a/b'), 'a/b'])
  expect(remoteAddressText(address as RemoteAddress)).toBe('ccow://10.3.32.240:14000/Hawaii-r/Cola/bk1/a/b')
  expect(parseObjectAddress('Hawaii/Cola/bk1/a').key).toBe('a')
  expect(codeOf(() => parseObjectAddress('ccow://10.3.32.240/Hawaii-r/Cola/bk1'))).toBe('USAGE')
})
