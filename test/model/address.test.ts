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
  [`ccow://h/Hawaii/Cola/bk1#sha256:${PRINT}`, /only ccows:/],
  ['s3://bucket/prefix', /s3:/],
  ['segment:/srv/b', /segment:/],
  ['segment:#Hawaii/Cola/bk1', /segment:/],
  ['segment:/srv/b#photos', /three parts/],
  ['file://elsewhere/srv', /file:/],
]

test.each(bad)('refused: %s', (text, why) => {
  expect(() => parseAddress(text)).toThrow(why)
  expect(codeOf(() => parseAddress(text))).toBe('USAGE')
})

test('an object has a key', () => {
  expect(parseObjectPath('Hawaii/Cola/bk1/a/b')).toEqual({ bucket: 'Hawaii/Cola/bk1', key: 'a/b' })
  for (const text of ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk1/', 'a']) {
    expect(codeOf(() => parseObjectPath(text))).toBe('USAGE')
  }
})

test('an object may be at a gateway', () => {
  const { address, key } = parseObjectAddress('ccow://10.3.32.240/Hawaii-r/Cola/bk1/a/b')
  expect([address, key]).toEqual([remote('a/b'), 'a/b'])
  expect(remoteAddressText(address as RemoteAddress)).toBe('ccow://10.3.32.240:14000/Hawaii-r/Cola/bk1/a/b')
  expect(parseObjectAddress('Hawaii/Cola/bk1/a').key).toBe('a')
  expect(codeOf(() => parseObjectAddress('ccow://10.3.32.240/Hawaii-r/Cola/bk1'))).toBe('USAGE')
})
