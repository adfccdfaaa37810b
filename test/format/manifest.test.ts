import { decode, encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashHex } from '../../src/base/hash.js'
import { LIMITS } from '../../src/base/limits.js'
import { decodeManifest, decodeVersion, encodeManifest } from '../../src/format/manifest.js'
import { chunkId, contentHash, segmentGuid, versionId } from '../../src/model/ids.js'
import { DELETION, type Manifest, mint } from '../../src/model/manifest.js'
import { anyManifest, codeOf, flipped, refusesGarbage } from './samples.js'

const SEGMENT = segmentGuid('00112233445566778899aabbccddeeff')
const OTHER = segmentGuid('ffeeddccbbaa99887766554433221100')

const FILE: Manifest = {
  kind: 'file',
  size: 100_000,
  contentHash: contentHash('c1'.repeat(32)),
  attributes: {
    mode: 0o644,
    mtimeNs: 1_700_000_000_123_456_789n,
    xattrs: { 'user.b': Buffer.from('2'), 'user.aa': Buffer.from('1') },
    user: { 'X-Colour': 'green' },
  },
  root: { ref: { id: chunkId('d2'.repeat(32)), size: 92, node: true }, depth: 1 },
  stamp: { time: 1_700_000_000_000_000, segment: SEGMENT },
  vector: { [OTHER]: 1_600_000_000_000_000, [SEGMENT]: 1_700_000_000_000_000 },
  parents: [versionId('e3'.repeat(32))],
}

const LINK: Manifest = mint(
  {
    kind: 'link',
    size: 4,
    contentHash: contentHash('c1'.repeat(32)),
    attributes: { mtimeNs: -1n },
    root: { inline: new Uint8Array(Buffer.from('a/bc')) },
  },
  [],
  SEGMENT,
  5,
)

test('a file, format 1', () => {
  const { id, bytes } = encodeManifest(FILE)
  expect(Buffer.from(bytes).toString('hex')).toBe(
    [
      `a9${'6161'}a4${'616d'}1901a4${'6174'}1b17979cfe3d85cd15`,
      `${'6175'}81${'8268582d436f6c6f757265677265656e'}`,
      `${'6178'}8282${'67757365722e6161'}4131${'8266757365722e62'}4132`,
      `6168${'5820'}${'c1'.repeat(32)}616b01`,
      `6170${'815820'}${'e3'.repeat(32)}`,
      `6172${'835820'}${'d2'.repeat(32)}185c01`,
      `6173${'1a000186a0'}${'617601'}`,
      `627374${'821b00060a24181e4000'}50${SEGMENT}`,
      `627665${'82'}8250${SEGMENT}1b00060a24181e4000${'8250'}${OTHER}1b0005af3107a40000`,
    ].join(''),
  )
  expect(id).toBe(hashHex(bytes))
  expect(id).toBe('bfd7563abb0767e0956a254691ead06bb7b770d86186d0db261f09ffa23d4c96')
})

test('a link, format 1', () => {
  expect(Buffer.from(encodeManifest(LINK).bytes).toString('hex')).toBe(
    [
      `a96161a1617420${'6168'}5820${'c1'.repeat(32)}616b02${'617080'}`,
      `6172${'44612f6263'}617304617601`,
      `627374${'82191388'}50${SEGMENT}627665818250${SEGMENT}191388`,
    ].join(''),
  )
})

test('what is written is read, whatever the manifest', () => {
  fc.assert(
    fc.property(anyManifest, (manifest) => {
      const { id, bytes } = encodeManifest(manifest)
      expect(decodeManifest(bytes)).toEqual(manifest)
      expect(decodeVersion(id, bytes)).toEqual({ id, manifest })
    }),
    { numRuns: 500 },
  )
})

test('the order in which records were made does not change the id', () => {
  const turned: Manifest = {
    ...FILE,
    vector: Object.fromEntries(Object.entries(FILE.vector).reverse()),
    attributes: {
      ...FILE.attributes,
      xattrs: Object.fromEntries(Object.entries(FILE.attributes.xattrs ?? {}).reverse()),
    },
  }
  expect(encodeManifest(turned).id).toBe(encodeManifest(FILE).id)
})

test('free names do not collide with those of the encoding', () => {
  const user = Object.fromEntries([
    ['/', 'same'],
    ['bytes', 'same'],
    ['__proto__', 'mine'],
    ['', 'empty'],
  ])
  const manifest: Manifest = { ...FILE, attributes: { user } }
  expect(decodeManifest(encodeManifest(manifest).bytes)).toEqual(manifest)
})

test.each(['\uFEFF', '\uFEFFread me', `\uFEFF\uFEFF${'é'.repeat(40)}`])(
  'a name that begins with a byte order mark stays as it is: %j',
  (name) => {
    const manifest: Manifest = { ...FILE, attributes: { user: { [name]: name } } }
    expect(decodeManifest(encodeManifest(manifest).bytes)).toEqual(manifest)
  },
)

test('what was decoded does not hold the memory that it was decoded from', () => {
  const { bytes } = encodeManifest(LINK)
  const { root } = decodeManifest(bytes)
  bytes.fill(0)
  expect('inline' in root && Buffer.from(root.inline).toString()).toBe('a/bc')
})

test('each flipped byte is found by the id', () => {
  const { id, bytes } = encodeManifest(FILE)
  for (const damaged of flipped(bytes)) expect(codeOf(() => decodeVersion(id, damaged))).toBe('CORRUPT')
})

const FAULTS: readonly (readonly [string, Partial<Manifest>])[] = [
  ['a file with too many inline bytes', { size: 129, root: { inline: Buffer.alloc(129) } }],
  ['a link with too long a target', { kind: 'link', size: 4097, root: { inline: Buffer.alloc(4097) } }],
  ['a link with chunks', { kind: 'link' }],
  ['a folder with bytes', { kind: 'folder', size: 1, root: { inline: Buffer.alloc(1) } }],
  ['a size that is not that of the inline bytes', { size: 3, root: { inline: Buffer.alloc(4) } }],
  [
    'a size that is not that of the only chunk',
    { root: { ref: { id: chunkId('d2'.repeat(32)), size: 5, node: false }, depth: 0 } },
  ],
  ['a size over what nodes can tell', { size: LIMITS.objectBytesMax + 1 }],
  ['too deep a tree', { root: { ref: { id: chunkId('d2'.repeat(32)), size: 92, node: true }, depth: 9 } }],
  ['an empty root', { root: { ref: { id: chunkId('d2'.repeat(32)), size: 0, node: true }, depth: 1 } }],
  [
    'too large a root',
    { root: { ref: { id: chunkId('d2'.repeat(32)), size: LIMITS.chunkBytesMax + 1, node: true }, depth: 1 } },
  ],
  ['a mode with more than permissions', { attributes: { mode: 0o100644 } }],
  ['a time after 2262', { attributes: { mtimeNs: 2n ** 63n } }],
  ['a vector without the stamp', { vector: { [OTHER]: 1 } }],
  ['a vector ahead of the stamp', { vector: { ...FILE.vector, [OTHER]: FILE.stamp.time + 1 } }],
  ['a name that is not UTF-8', { attributes: { user: { '\ud800': '' } } }],
  ['attributes that do not fit', { attributes: { xattrs: { a: Buffer.alloc(LIMITS.manifestBytesMax) } } }],
]

test.each(FAULTS)('%s is not written', (_, change) => {
  expect(codeOf(() => encodeManifest({ ...FILE, ...change }))).toBe('FAILED')
})

type Fields = Record<string, unknown>
const fields = (): Fields => decode<Fields>(encodeManifest(FILE).bytes)
const ID = Buffer.alloc(32, 1)

const REFUSED: readonly (readonly [string, Fields])[] = [
  ['another version below', { v: 0 }],
  ['an unknown field', { z: 1 }],
  ['an unknown kind', { k: 4 }],
  ['a short hash', { h: Buffer.alloc(31) }],
  ['a negative size', { s: -1 }],
  ['a fraction for a size', { s: 1.5 }],
  ['no list for a root', { r: 'x' }],
  ['a longer root', { r: [ID, 92, 1, 0] }],
  ['a deep root', { r: [ID, 92, 9] }],
  ['a root that is larger than a chunk', { r: [ID, LIMITS.chunkBytesMax + 1, 1] }],
  ['inline bytes over the limit', { s: 129, r: Buffer.alloc(129) }],
  ['an unknown attribute', { a: { y: 1 } }],
  ['a mode with more than permissions', { a: { m: 0o10000 } }],
  ['a time beyond 64 bits', { a: { t: 2n ** 63n } }],
  ['a text for bytes in xattrs', { a: { x: [['a', 'b']] } }],
  [
    'xattrs out of order',
    {
      a: {
        x: [
          ['b', ID],
          ['a', ID],
        ],
      },
    },
  ],
  [
    'a name twice',
    {
      a: {
        u: [
          ['a', 'x'],
          ['a', 'y'],
        ],
      },
    },
  ],
  ['a longer stamp', { st: [FILE.stamp.time, Buffer.from(SEGMENT, 'hex'), 0] }],
  ['another stamp than the vector ends in', { st: [FILE.stamp.time - 1, Buffer.from(SEGMENT, 'hex')] }],
  ['a vector out of order', { ve: [...(fields().ve as unknown[])].reverse() }],
  ['a vector with a segment twice', { ve: [[Buffer.from(SEGMENT, 'hex'), 1], ...(fields().ve as unknown[])] }],
  ['a short parent', { p: [Buffer.alloc(16)] }],
]

test.each(REFUSED)('%s is refused', (_, change) => {
  expect(codeOf(() => decodeManifest(encode({ ...fields(), ...change })))).toBe('CORRUPT')
})

test('each field must be there', () => {
  for (const name of Object.keys(fields())) {
    const { [name]: _, ...rest } = fields()
    expect(codeOf(() => decodeManifest(encode(rest)))).toBe('CORRUPT')
  }
})

test('other encodings of the same values are refused', () => {
  const { bytes } = encodeManifest(LINK)
  const hex = Buffer.from(bytes).toString('hex')
  const size = hex.indexOf('617304')
  const spelled = (digits: string): Buffer => Buffer.from(hex.slice(0, size) + digits + hex.slice(size + 6), 'hex')
  expect(decodeManifest(spelled('617304'))).toEqual(LINK)
  expect(codeOf(() => decodeManifest(spelled('61731804')))).toBe('CORRUPT')
  expect(codeOf(() => decodeManifest(spelled('6173fb4010000000000000')))).toBe('CORRUPT')
  expect(codeOf(() => decodeManifest(Buffer.concat([bytes, Buffer.alloc(1)])))).toBe('CORRUPT')
})

test('a later format is told from damage', () => {
  expect(codeOf(() => decodeManifest(encode({ v: 2, anything: true })))).toBe('NEWER_FORMAT')
})

test('garbage is refused, also when it is deep or long', () => {
  refusesGarbage(decodeManifest, [
    encodeManifest(FILE).bytes,
    encodeManifest(LINK).bytes,
    encodeManifest(mint(DELETION, [], SEGMENT, 1)).bytes,
  ])
  expect(codeOf(() => decodeManifest(Buffer.alloc(LIMITS.manifestBytesMax, 0x81)))).toBe('CORRUPT')
  expect(codeOf(() => decodeManifest(Buffer.from('9affffffff', 'hex')))).toBe('CORRUPT')
  expect(codeOf(() => decodeManifest(Buffer.alloc(LIMITS.manifestBytesMax + 1)))).toBe('CORRUPT')
})
