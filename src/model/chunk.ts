import { compressed, decompressed, looksLikeNoise } from '../base/compression.js'
import { EfsError } from '../base/errors.js'
import { hashHex, sumOf, sumOfHash } from '../base/hash.js'
import { LIMITS } from '../base/limits.js'
import type { ChunkId } from './ids.js'

export interface ChunkRef {
  readonly id: ChunkId
  /** Plain bytes. */
  readonly size: number
  /** A node counts as present only when everything under it is. */
  readonly node: boolean
}

/** How `data` is stored. The numbers stand in pack records and never change. */
export const CODEC = { plain: 0, zstd: 1 } as const
export type Codec = (typeof CODEC)[keyof typeof CODEC]

declare const proven: unique symbol
/**
 * Bytes that are known to hash to `ref.id`: only the functions of this file and a worker's own cutting make one,
 * so nothing that holds a `Chunk` needs to check it again.
 */
export interface Chunk {
  readonly ref: ChunkRef
  readonly codec: Codec
  /** As stored: plain or compressed, by `codec`. */
  readonly data: Uint8Array
  /** The first 4 bytes of the BLAKE3 of `data`. */
  readonly sum: number
  readonly [proven]: true
}

/** The id of plain bytes. */
export const chunkIdOf = (plain: Uint8Array): ChunkId => hashHex(plain) as ChunkId

/** Plain bytes become a chunk: hashed, and compressed where asked and where it pays. */
export function makeChunk(plain: Uint8Array, node: boolean, compress: boolean): Chunk {
  const ref = { id: chunkIdOf(plain), size: plain.length, node }
  return storedForm(ref, plain, compress)
}

/** The stored form of plain bytes whose hash the caller itself has just computed as `ref.id`. */
export function storedForm(ref: ChunkRef, plain: Uint8Array, compress: boolean): Chunk {
  const small = compress && !looksLikeNoise(plain) ? compressed(plain) : undefined
  return small ? hashedChunk(ref, CODEC.zstd, small, sumOf(small)) : plainChunk(ref, plain)
}

/** A chunk that this program's own hashing made elsewhere (a worker thread) and handed over in parts. */
export const hashedChunk = (ref: ChunkRef, codec: Codec, data: Uint8Array, sum: number): Chunk =>
  ({ ref, codec, data, sum }) as Chunk

/** The same, stored as it is. */
export const plainChunk = (ref: ChunkRef, plain: Uint8Array): Chunk =>
  hashedChunk(ref, CODEC.plain, plain, sumOfHash(ref.id))

/**
 * Bytes from a disk, a wire or a vendor become a chunk here, or not at all.
 * @throws CORRUPT when size, encoding or hash differ from what `ref` declares.
 */
export function admitChunk(ref: ChunkRef, codec: Codec, data: Uint8Array): Chunk {
  const plain = inflate(ref, codec, data)
  if (hashHex(plain) !== ref.id) throw corrupt(ref, 'its bytes do not hash to its name')
  return codec === CODEC.plain ? plainChunk(ref, data) : hashedChunk(ref, codec, data, sumOf(data))
}

/** The plain bytes of a chunk; a view of its data where it is stored plain. */
export const plainOf = (chunk: Chunk): Uint8Array =>
  chunk.codec === CODEC.plain ? chunk.data : inflate(chunk.ref, chunk.codec, chunk.data)

function inflate(ref: ChunkRef, codec: Codec, data: Uint8Array): Uint8Array {
  if (ref.size > LIMITS.chunkBytesMax) throw corrupt(ref, `it claims ${ref.size} bytes`)
  if (codec === CODEC.plain) {
    if (data.length !== ref.size) throw corrupt(ref, `${data.length} bytes where ${ref.size} were declared`)
    return data
  }
  let plain: Uint8Array
  try {
    plain = decompressed(data, ref.size)
  } catch (cause) {
    throw corrupt(ref, 'it does not inflate', cause)
  }
  if (plain.length !== ref.size) throw corrupt(ref, `${plain.length} bytes where ${ref.size} were declared`)
  return plain
}

const corrupt = (ref: ChunkRef, why: string, cause?: unknown): EfsError =>
  new EfsError('CORRUPT', `chunk ${ref.id.slice(0, 16)} is damaged: ${why}`, {
    hint: 'efs system check --read-data tells what it harms',
    cause,
  })
