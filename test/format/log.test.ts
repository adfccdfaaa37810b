import { decode, encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLog, encodeLog, type LogRecord } from '../../src/format/log.js'
import { bucketUid, versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { Settings } from '../../src/model/settings.js'
import { anyBucketUid, anyKey, anyVersionId, codeOf, flipped, refusesGarbage } from './samples.js'

const UID = bucketUid('0123456789abcdef0123456789abcdef')
const ID = versionId('5e'.repeat(32))

const NAME: LogRecord = {
  kind: 'name',
  stamp: 1_700_000_000_000_001,
  named: {
    kind: 'bucket',
    uid: UID,
    path: 'Hawaii/Cola/bk1',
    settings: { chunkSize: 65_536, selectPolicy: 'latency', options: { bb: '1', a: '2' } },
    createdMs: 1_700_000_000_000,
  },
}
const DROP: LogRecord = { kind: 'drop', uid: UID, before: 7 }
const FLOOR: LogRecord = { kind: 'floor', bucket: UID, stamp: 1_700_000_000_000_001 }
const GONE: LogRecord = { kind: 'gone', packs: [3, 300] }
const PUBLISH: LogRecord = { kind: 'publish', bucket: UID, entries: [{ key: objectKey('a/b'), id: ID }] }
const MOVE: LogRecord = {
  kind: 'move',
  bucket: UID,
  entries: [{ key: objectKey('a/b'), id: ID, from: { pack: 6, offset: 32 } }],
}
const REMOVE: LogRecord = {
  kind: 'remove',
  bucket: UID,
  entries: [{ key: objectKey('a/b'), id: ID, at: { pack: 6, offset: 32 } }],
}
const DROP_1: LogRecord = { kind: 'drop', uid: UID, before: undefined }
const REMOVE_1: LogRecord = {
  kind: 'remove',
  bucket: UID,
  entries: [{ key: objectKey('a/b'), id: ID, at: undefined }],
}

const text = (value: string): string => Buffer.from(value).toString('hex')

test.each<readonly [string, LogRecord, string]>([
  ['drop', DROP, `a4616e07617464${text('drop')}617550${UID}617602`],
  ['drop of version 1', DROP_1, `a361746464726f70617550${UID}617601`],
  ['floor', FLOOR, `a4616250${UID}617465${text('floor')}6176026273741b00060a24181e4001`],
  ['gone', GONE, `a36170820319012c617464${text('gone')}617602`],
  ['move', MOVE, `a4616250${UID}6165818463${text('a/b')}5820${ID}061820617464${text('move')}617603`],
  ['publish', PUBLISH, `a4616250${UID}6165818263${text('a/b')}5820${ID}617467${text('publish')}617601`],
  ['remove', REMOVE, `a4616250${UID}6165818463${text('a/b')}5820${ID}061820617466${text('remove')}617602`],
  ['remove of version 1', REMOVE_1, `a5616250${UID}6169815820${ID}616b63${text('a/b')}617466${text('remove')}617601`],
  [
    'name',
    NAME,
    [
      `a861631b0000018bcfe56800616b66${text('bucket')}61706f${text('Hawaii/Cola/bk1')}`,
      `6173a367${text('options')}8282616161328262${text('bb')}613169${text('chunkSize')}1a00010000`,
      `6c${text('selectPolicy')}67${text('latency')}617464${text('name')}617550${UID}617601`,
      '6273741b00060a24181e4001',
    ].join(''),
  ],
])('%s', (_, record, golden) => {
  expect(Buffer.from(encodeLog(record)).toString('hex')).toBe(golden)
  expect(decodeLog(Buffer.from(golden, 'hex'))).toEqual(record)
})

const anySettings: fc.Arbitrary<Settings> = fc.record(
  {
    chunkSize: fc.maxSafeNat(),
    numberOfVersions: fc.nat(),
    replicationCount: fc.nat(),
    syncPut: fc.nat(),
    selectPolicy: fc.constantFrom('latency', 'capacity'),
    ecDataMode: fc.string(),
    ecTriggerPolicyTimeout: fc.nat(),
    fileObjectTransparency: fc.constantFrom(0, 1),
    quota: fc.maxSafeNat(),
    quotaCount: fc.nat(),
    options: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
  },
  { requiredKeys: [] },
)

const anyRecord: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({
    kind: fc.constant('name' as const),
    stamp: fc.maxSafeNat(),
    named: fc.record({
      kind: fc.constantFrom('cluster', 'tenant', 'bucket'),
      uid: anyBucketUid,
      path: fc.string({ unit: 'binary' }),
      settings: anySettings,
      createdMs: fc.maxSafeNat(),
    }),
  }),
  fc.record({ kind: fc.constant('drop' as const), uid: anyBucketUid, before: fc.option(fc.nat(), { nil: undefined }) }),
  fc.record({ kind: fc.constant('floor' as const), bucket: anyBucketUid, stamp: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('gone' as const), packs: fc.array(fc.nat(), { maxLength: 5 }) }),
  fc.record({
    kind: fc.constant('publish' as const),
    bucket: anyBucketUid,
    entries: fc.array(fc.record({ key: anyKey, id: anyVersionId }), { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('move' as const),
    bucket: anyBucketUid,
    entries: fc.array(
      fc.record({ key: anyKey, id: anyVersionId, from: fc.record({ pack: fc.nat(), offset: fc.nat() }) }),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    bucket: anyBucketUid,
    entries: fc.array(
      fc.record({
        key: anyKey,
        id: anyVersionId,
        at: fc.option(fc.record({ pack: fc.nat(), offset: fc.nat() }), { nil: undefined }),
      }),
      {
        maxLength: 3,
      },
    ),
  }),
)

test('what is written is read', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      expect(decodeLog(encodeLog(record))).toEqual(record)
    }),
    { numRuns: 500 },
  )
})

type Fields = Record<string, unknown>
const changed = (record: LogRecord, change: Fields): Uint8Array =>
  encode({ ...decode<Fields>(encodeLog(record)), ...change })

test.each<readonly [string, LogRecord, Fields]>([
  ['version 0', DROP, { v: 0 }],
  ['an unknown type', DROP, { t: 'rename' }],
  ['an unknown field', DROP, { x: 1 }],
  ['a short uid', DROP, { u: Buffer.alloc(15) }],
  ['a bad key', PUBLISH, { e: [['a/../b', Buffer.alloc(32)]] }],
  ['a longer entry', PUBLISH, { e: [['a', Buffer.alloc(32), 1]] }],
  ['no list of ids', REMOVE_1, { i: Buffer.alloc(32) }],
  ['an unknown setting', NAME, { s: { colour: 'green' } }],
  ['a setting of another type', NAME, { s: { quota: 'much' } }],
  ['a setting out of its values', NAME, { s: { selectPolicy: 'none' } }],
  [
    'options out of order',
    NAME,
    {
      s: {
        options: [
          ['b', ''],
          ['a', ''],
        ],
      },
    },
  ],
  ['an unknown kind of name', NAME, { k: 'planet' }],
  ['a negative stamp', NAME, { st: -1 }],
])('%s is refused', (_, record, change) => {
  expect(codeOf(() => decodeLog(changed(record, change)))).toBe('CORRUPT')
})

test('a later format is told from damage', () => {
  expect(codeOf(() => decodeLog(changed(DROP, { v: 4 })))).toBe('NEWER_FORMAT')
})

test('a flipped byte gives a refusal or another record, never the same one', () => {
  for (const record of [NAME, DROP, PUBLISH, REMOVE]) {
    for (const damaged of flipped(encodeLog(record))) {
      const read = { value: undefined as LogRecord | undefined }
      const code = codeOf(() => {
        read.value = decodeLog(damaged)
      })
      if (code === undefined) expect(read.value).not.toEqual(record)
      else expect(['CORRUPT', 'NEWER_FORMAT']).toContain(code)
    }
  }
})

test('garbage is refused', () => {
  refusesGarbage(decodeLog, [NAME, DROP, PUBLISH, REMOVE].map(encodeLog))
})
