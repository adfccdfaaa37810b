import { expect, test } from 'vitest'
import { type Address, parseAddress, parseObjectPath } from '../../src/model/address.js'
import { codeOf } from '../transfer/runs.js'

const bucket = (rest: string, home?: string): Address => ({
  kind: 'bucket',
  ...(home === undefined ? {} : { home }),
  bucket: 'Hawaii/Cola/bk1',
  rest,
})
const directory = (path: string): Address => ({ kind: 'directory', path })

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
  ['ccow://10.0.0.1/Hawaii/Cola/bk1', /ccow:/],
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
