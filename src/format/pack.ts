import { crc32 } from 'node:zlib'
import { EfsError } from '../base/errors.js'
import { sumOf } from '../base/hash.js'
import { LIMITS } from '../base/limits.js'
import { CODEC, type Codec } from '../model/chunk.js'
import { type SegmentGuid, segmentGuid } from '../model/ids.js'

/*
 * A pack is a header and then records, one after the other. All numbers are big-endian.
 *
 *   header, 32 bytes                      record, 48 bytes and the payload
 *    0  7  "EFSPACK"                       0  u8   type: 1 chunk, 2 manifest, 3 log
 *    7  u8  version 1                      1  u8   codec: 0 plain, 1 zstd
 *    8  16  segment GUID                   2  u16  0
 *   24  u32 pack number                    4  u32  payload bytes
 *   28  u32 CRC-32 of bytes 0 to 27        8  u32  plain bytes; those of the payload where the codec is plain
 *                                         12  32   id of the chunk or manifest; zeros for a log record
 *                                         44  u32  CRC-32 of bytes 0 to 43, going on from the payload's sum
 *
 * The payload's sum is the first 4 bytes of its BLAKE3: for what is stored plain those of its id, so that it is free, and
 * the CRC-32 of the header takes it as the value to go on from. The 32 bytes of a pack's header keep
 * their places and their checksum in every later version: a flipped version byte is damage, not a newer format.
 */
export const PACK_HEADER_BYTES = 32
export const RECORD_HEADER_BYTES = 48
export const RECORD = { chunk: 1, manifest: 2, log: 3 } as const
export type RecordType = (typeof RECORD)[keyof typeof RECORD]

/** The id of a record that has none. */
export const NO_ID = '0'.repeat(64)

const MAGIC = 'EFSPACK'
const VERSION = 1
const CRC_AT = 44

export interface PackHeader {
  readonly segment: SegmentGuid
  readonly number: number
}

export function encodePackHeader({ segment, number }: PackHeader): Buffer {
  const out = Buffer.alloc(PACK_HEADER_BYTES)
  out.write(MAGIC, 0, 'latin1')
  out.writeUInt8(VERSION, 7)
  out.write(segment, 8, 'hex')
  out.writeUInt32BE(number, 24)
  out.writeUInt32BE(crc32(out.subarray(0, 28)), 28)
  return out
}

/** Reads the first 32 bytes. @throws CORRUPT; NEWER_FORMAT where a later efs wrote it */
export function decodePackHeader(bytes: Buffer): PackHeader {
  const whole = bytes.length >= PACK_HEADER_BYTES && bytes.toString('latin1', 0, 7) === MAGIC
  if (!whole || bytes.readUInt32BE(28) !== crc32(bytes.subarray(0, 28)))
    throw new EfsError('CORRUPT', 'these bytes are not the header of a pack')
  const version = bytes.readUInt8(7)
  if (version > VERSION) {
    throw new EfsError('NEWER_FORMAT', `a pack has format ${version}, this efs reads up to ${VERSION}`, {
      hint: 'use a newer efs',
    })
  }
  if (version !== VERSION) throw new EfsError('CORRUPT', `a pack of format ${version}`)
  return { segment: segmentGuid(bytes.toString('hex', 8, 24)), number: bytes.readUInt32BE(24) }
}

/** Whether the bytes are the header of a pack that this efs may add to. */
export function isPackHeader(bytes: Buffer): boolean {
  try {
    decodePackHeader(bytes)
    return true
  } catch (error) {
    if (error instanceof EfsError) return false
    throw error
  }
}

/** Whether the first 32 bytes of a file are the header of that pack, as this efs writes it: only to such a one may it add. */
export const isHeaderOf = (header: PackHeader, bytes: Buffer): boolean => encodePackHeader(header).equals(bytes)

export interface RecordHeader {
  readonly type: RecordType
  readonly codec: Codec
  readonly storedBytes: number
  readonly plainBytes: number
  /** 64 hex digits. */
  readonly id: string
}

/** Writes a record's 48 header bytes at `offset`. `sum` is that of the payload. */
export function encodeRecordHeaderInto(target: Buffer, offset: number, header: RecordHeader, sum: number): void {
  target.writeUInt8(header.type, offset)
  target.writeUInt8(header.codec, offset + 1)
  target.writeUInt16BE(0, offset + 2)
  target.writeUInt32BE(header.storedBytes, offset + 4)
  target.writeUInt32BE(header.plainBytes, offset + 8)
  target.write(header.id, offset + 12, 'hex')
  target.writeUInt32BE(crc32(target.subarray(offset, offset + CRC_AT), sum), offset + CRC_AT)
}

/** The header at `offset`, or undefined where the bytes there cannot be one. */
export function decodeRecordHeader(bytes: Buffer, offset: number): RecordHeader | undefined {
  if (offset + RECORD_HEADER_BYTES > bytes.length) return undefined
  const type = recordType(bytes.readUInt8(offset))
  const codec = codecOf(bytes.readUInt8(offset + 1))
  const storedBytes = bytes.readUInt32BE(offset + 4)
  const plainBytes = bytes.readUInt32BE(offset + 8)
  if (type === undefined || codec === undefined || bytes.readUInt16BE(offset + 2) !== 0) return undefined
  if (storedBytes > LIMITS.recordBytesMax || plainBytes > LIMITS.recordBytesMax) return undefined
  if (codec === CODEC.plain && storedBytes !== plainBytes) return undefined
  return { type, codec, storedBytes, plainBytes, id: bytes.toString('hex', offset + 12, offset + CRC_AT) }
}

/** Whether the checksum in a record's header is that of its header and payload. */
export function recordIsWhole(header: Buffer, payload: Uint8Array): boolean {
  return header.readUInt32BE(CRC_AT) === crc32(header.subarray(0, CRC_AT), sumOf(payload))
}

function recordType(byte: number): RecordType | undefined {
  return byte === RECORD.chunk || byte === RECORD.manifest || byte === RECORD.log ? byte : undefined
}

export function codecOf(byte: number): Codec | undefined {
  return byte === CODEC.plain || byte === CODEC.zstd ? byte : undefined
}
