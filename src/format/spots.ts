import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { PlacedChunk } from '../model/chunk-spots.js'
import type { ChunkId } from '../model/ids.js'
import { codecOf, PACK_HEADER_BYTES } from './pack.js'

/*
 * Where the chunks of one pack stand, 45 bytes each: 32 id, u32 start of the record, u32 payload bytes, u32 plain bytes,
 * u8 codec of the payload. All numbers are big-endian.
 */
export const SPOT_BYTES = 45

export function encodeSpots(chunks: readonly PlacedChunk[]): Buffer {
  const bytes = Buffer.allocUnsafe(SPOT_BYTES * chunks.length)
  for (const [i, { id, offset, length, size, codec }] of chunks.entries()) {
    const at = SPOT_BYTES * i
    bytes.write(id, at, 'hex')
    bytes.writeUInt32BE(offset, at + 32)
    bytes.writeUInt32BE(length, at + 36)
    bytes.writeUInt32BE(size, at + 40)
    bytes.writeUInt8(codec, at + 44)
  }
  return bytes
}

/** @throws CORRUPT where the bytes are no such rows */
export function decodeSpots(rows: Uint8Array): PlacedChunk[] {
  const bytes = Buffer.from(rows.buffer, rows.byteOffset, rows.length)
  if (bytes.length % SPOT_BYTES !== 0) throw corrupt(`it has ${bytes.length} bytes`)
  return Array.from({ length: bytes.length / SPOT_BYTES }, (_, i) => spotAt(bytes, SPOT_BYTES * i))
}

function spotAt(bytes: Buffer, at: number): PlacedChunk {
  const id = bytes.toString('hex', at, at + 32) as ChunkId
  const [offset, length, size] = [bytes.readUInt32BE(at + 32), bytes.readUInt32BE(at + 36), bytes.readUInt32BE(at + 40)]
  const codec = codecOf(bytes.readUInt8(at + 44))
  if (codec === undefined || offset < PACK_HEADER_BYTES) throw corrupt('a row')
  if (length < 1 || size < 1 || length > LIMITS.recordBytesMax || size > LIMITS.chunkBytesMax) throw corrupt('a size')
  return { id, offset, length, size, codec }
}

const corrupt = (why: string): EfsError => new EfsError('CORRUPT', `the index of a pack is damaged: ${why}`)
