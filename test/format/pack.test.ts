import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashHex, sumOf } from '../../src/base/hash.js'
import { LIMITS } from '../../src/base/limits.js'
import {
  decodePackHeader,
  decodeRecordHeader,
  encodePackHeader,
  encodeRecordHeaderInto,
  NO_ID,
  PACK_HEADER_BYTES,
  RECORD,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  recordIsWhole,
} from '../../src/format/pack.js'
import { CODEC } from '../../src/model/chunk.js'
import { segmentGuid } from '../../src/model/ids.js'
import { anyChunkId, anySegmentGuid, codeOf, flipped, refusesGarbage } from './samples.js'

const SEGMENT = segmentGuid('00112233445566778899aabbccddeeff')
const HEADER = '4546535041434b0100112233445566778899aabbccddeeff00000007'

function recordOf(header: RecordHeader, payload: Uint8Array): Buffer {
  const out = Buffer.alloc(RECORD_HEADER_BYTES, 0xff)
  encodeRecordHeaderInto(out, 0, header, sumOf(payload))
  return out
}

const plain = (type: RecordHeader['type'], id: string, bytes: number): RecordHeader => ({
  type,
  codec: CODEC.plain,
  storedBytes: bytes,
  plainBytes: bytes,
  id,
})

test('pack header, format 1', () => {
  const bytes = encodePackHeader({ segment: SEGMENT, number: 7 })
  expect(bytes.toString('hex')).toBe(`${HEADER}a711fa72`)
  expect(decodePackHeader(bytes)).toEqual({ segment: SEGMENT, number: 7 })
})

test('a pack header comes back, also in front of records', () => {
  fc.assert(
    fc.property(anySegmentGuid, fc.nat(0xffff_ffff), fc.uint8Array(), (segment, number, rest) => {
      const bytes = Buffer.concat([encodePackHeader({ segment, number }), rest])
      expect(decodePackHeader(bytes)).toEqual({ segment, number })
    }),
  )
})

test('each flipped byte of a pack header is damage, the version too', () => {
  const codes = [...flipped(encodePackHeader({ segment: SEGMENT, number: 7 }))].map((bytes) =>
    codeOf(() => decodePackHeader(bytes)),
  )
  expect(codes).toEqual(Array(PACK_HEADER_BYTES).fill('CORRUPT'))
})

test.each([
  [2, 'NEWER_FORMAT'],
  [255, 'NEWER_FORMAT'],
  [0, 'CORRUPT'],
] as const)('a whole pack header of version %i is %s', (version, code) => {
  const bytes = encodePackHeader({ segment: SEGMENT, number: 7 })
  bytes.writeUInt8(version, 7)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 28)), 28)
  expect(codeOf(() => decodePackHeader(bytes))).toBe(code)
})

test('record, format 1', () => {
  const payload = Buffer.from('hello')
  const bytes = recordOf({ ...plain(RECORD.chunk, 'ab'.repeat(32), 5), codec: CODEC.zstd, plainBytes: 9 }, payload)
  expect(bytes.toString('hex')).toBe(`010100000000000500000009${'ab'.repeat(32)}23dea9ca`)
  const log = recordOf(plain(RECORD.log, NO_ID, 5), payload)
  expect(log.toString('hex')).toBe(`030000000000000500000005${'00'.repeat(32)}47327345`)
})

test('the checksum is that of the header, begun with the sum of the payload', () => {
  const payload = Buffer.from('some payload')
  const bytes = recordOf(plain(RECORD.manifest, 'cd'.repeat(32), payload.length), payload)
  expect(bytes.readUInt32BE(44)).toBe(
    crc32(bytes.subarray(0, 44), Buffer.from(hashHex(payload), 'hex').readUInt32BE(0)),
  )
})

const anyRecord = fc
  .record({
    type: fc.constantFrom(...Object.values(RECORD)),
    packed: fc.boolean(),
    plainBytes: fc.nat(LIMITS.recordBytesMax),
    id: anyChunkId,
    payload: fc.uint8Array({ maxLength: 200 }),
    before: fc.nat(100),
  })
  .map(({ packed, plainBytes, payload, ...rest }) => ({
    ...rest,
    payload,
    codec: packed ? CODEC.zstd : CODEC.plain,
    storedBytes: payload.length,
    plainBytes: packed ? plainBytes : payload.length,
  }))

test('a record header comes back from any offset, and the record is whole', () => {
  fc.assert(
    fc.property(anyRecord, ({ before, payload, ...header }) => {
      const bytes = Buffer.alloc(before + RECORD_HEADER_BYTES)
      encodeRecordHeaderInto(bytes, before, header, sumOf(payload))
      expect(decodeRecordHeader(bytes, before)).toEqual(header)
      expect(recordIsWhole(bytes.subarray(before), payload)).toBe(true)
    }),
  )
})

test('each flipped byte of a record, header and payload, is noticed', () => {
  const payload = Buffer.from('a payload of some bytes')
  const header = recordOf(plain(RECORD.chunk, 'ef'.repeat(32), payload.length), payload)
  for (const record of flipped(Buffer.concat([header, payload]))) {
    const head = record.subarray(0, RECORD_HEADER_BYTES)
    expect(decodeRecordHeader(head, 0) && recordIsWhole(head, record.subarray(RECORD_HEADER_BYTES))).not.toBe(true)
  }
})

test.each([
  ['type 0', 0, 0],
  ['type 4', 0, 4],
  ['codec 2', 1, 2],
  ['a reserved byte', 2, 1],
  ['a reserved byte', 3, 1],
  ['more stored bytes than a record has', 4, 0xff],
  ['more plain bytes than a record has', 8, 0xff],
  ['other plain bytes than the payload has', 11, 6],
] as const)('%s is no record header', (_, at, byte) => {
  const bytes = recordOf(plain(RECORD.chunk, 'ef'.repeat(32), 5), Buffer.from('hello'))
  expect(decodeRecordHeader(bytes, 0)).toBeDefined()
  bytes.writeUInt8(byte, at)
  expect(decodeRecordHeader(bytes, 0)).toBeUndefined()
})

test('too few bytes are no record header', () => {
  const bytes = recordOf(plain(RECORD.log, NO_ID, 5), Buffer.from('hello'))
  expect(decodeRecordHeader(bytes, 1)).toBeUndefined()
  expect(decodeRecordHeader(bytes.subarray(0, 47), 0)).toBeUndefined()
})

test('garbage is refused as a pack header', () => {
  refusesGarbage(decodePackHeader, [encodePackHeader({ segment: SEGMENT, number: 7 })])
})
