import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { encodeCbor } from '../../format/cbor.js'
import { damaged, decodeCbor } from '../../format/fields.js'
import type { Shape } from '../../format/shape.js'
import { admitChunk, type Chunk, type ChunkRef, CODEC, type Codec } from '../../model/chunk.js'
import type { ChunkId } from '../../model/ids.js'

/*
 * The body of every request and of every answer. All numbers are big-endian.
 *
 *   0  u32  bytes of the message      4  the message, dag-cbor      then chunks, each with a head of 44 bytes:
 *
 *   0  u8   codec: 0 plain 1 zstd     4  u32  plain bytes           12  32  chunk id
 *   1  u8   1 for a tree node         8  u32  bytes of its data     44  its data, as it is stored
 *   2  u16  0
 */
const HEAD_BYTES = 44
const CODECS: readonly number[] = Object.values(CODEC)

/** A chunk as it arrived; nothing about it is proven. */
export interface Frame {
  readonly ref: ChunkRef
  readonly codec: Codec
  readonly data: Uint8Array
}

export interface Body<T> {
  readonly message: T
  readonly frames: readonly Frame[]
}

/** In pieces, to be sent one after the other: chunks are not copied. */
export function encodeBody<T>(shape: Shape<T>, message: T, chunks: readonly Chunk[] = []): Uint8Array[] {
  const encoded = encodeCbor(shape.write(message))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(encoded.length)
  return [length, encoded, ...chunks.flatMap((chunk) => [frameHead(chunk), chunk.data])]
}

export const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0)

function frameHead({ ref, codec, data }: Chunk): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(codec, 0)
  head.writeUInt8(ref.node ? 1 : 0, 1)
  head.writeUInt32BE(ref.size, 4)
  head.writeUInt32BE(data.length, 8)
  head.write(ref.id, 12, 'hex')
  return head
}

/** The data of frames are views of `body`. @throws CORRUPT, BAD_KEY */
export function decodeBody<T>(shape: Shape<T>, body: Buffer): Body<T> {
  if (body.length < 4 || body.readUInt32BE(0) > body.length - 4) throw damaged('it ends within its message')
  const end = 4 + body.readUInt32BE(0)
  return { message: shape.read(decodeCbor(body.subarray(4, end))), frames: decodeFrames(body, end) }
}

function decodeFrames(body: Buffer, start: number): Frame[] {
  const frames: Frame[] = []
  let plain = 0
  for (let at = start; at < body.length; ) {
    if (frames.length >= LIMITS.missingRefsMax) throw damaged(`more than ${LIMITS.missingRefsMax} chunks`)
    if (body.length - at < HEAD_BYTES) throw damaged('it ends within the head of a chunk')
    const codec = body.readUInt8(at)
    const node = body.readUInt8(at + 1)
    const [size, length] = [body.readUInt32BE(at + 4), body.readUInt32BE(at + 8)]
    if (!CODECS.includes(codec) || node > 1 || body.readUInt16BE(at + 2) !== 0) throw damaged('the head of a chunk')
    if (size > LIMITS.chunkBytesMax || size === 0 || length > size)
      throw damaged(`a chunk of ${size} bytes in ${length}`)
    plain += size
    if (frames.length > 0 && plain > LIMITS.parcelBytesMax) {
      throw damaged(`${frames.length + 1} chunks of more than ${LIMITS.parcelBytesMax} plain bytes together`)
    }
    const id = body.toString('hex', at + 12, at + HEAD_BYTES) as ChunkId
    const data = body.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length)
    if (data.length !== length) throw damaged('it ends within a chunk')
    frames.push({ ref: { id, size, node: node === 1 }, codec: codec as Codec, data })
    at += HEAD_BYTES + length
  }
  return frames
}

/** @throws CORRUPT where the bytes are not what the frame says: on their way, or at the side that sent them; no store here is harmed */
export function admitFrame({ ref, codec, data }: Frame): Chunk {
  try {
    return admitChunk(ref, codec, data)
  } catch (cause) {
    throw new EfsError('CORRUPT', `chunk ${ref.id.slice(0, 16)} came over the link damaged, and was not taken`, {
      hint: 'where it stays so, look at the network, and efs system check --read-data at the side that sends',
      cause,
    })
  }
}

/**
 * As many from the front as one body may hold: what fits in a parcel and can be asked for at once, or a single one. `sizeOf` may be too large.
 */
export function fitting<T>(items: readonly T[], sizeOf: (item: T) => number): readonly T[] {
  let bytes = 0
  const end = items.findIndex((item, i) => {
    bytes += sizeOf(item)
    return i > 0 && (bytes > LIMITS.parcelBytesMax || i >= LIMITS.missingRefsMax)
  })
  return end < 0 ? items : items.slice(0, end)
}

/** `items` in parts that fit, in order. */
export function* parts<T>(items: readonly T[], sizeOf: (item: T) => number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; ) {
    const part = fitting(items.slice(from), sizeOf)
    yield part
    from += part.length
  }
}
