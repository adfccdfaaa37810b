import type { Codec } from '../model/chunk.js'
import { readU48, writeU48 } from './rows-numbers.js'

/** Where a record starts in which pack, and how long its payload is. */
export interface Place {
  readonly pack: number
  readonly offset: number
  readonly length: number
}

/** Index row of one chunk, 28 bytes: see docs/format-index.md. */
export interface ChunkRow {
  readonly place: Place
  readonly codec: Codec
  /** Plain bytes. */
  readonly size: number
  /** Everything under it is here. Says nothing where the chunk is a leaf. */
  readonly whole: boolean
  /** A collection found that nothing needs it: a later one deletes it, unless something does by then. */
  readonly condemned: boolean
  /** Its pack is gone: only its place is known still. */
  readonly lost: boolean
  /** Given out in sequence, never twice: collections mark in a bitmap over these. */
  readonly dense: number
}

/** Whether both are of one record. */
export const isSamePlace = (a: Omit<Place, 'length'>, b: Omit<Place, 'length'>): boolean =>
  a.pack === b.pack && a.offset === b.offset

const VERSION = 1
export const CHUNK_ROW_BYTES = 28
const FLAG = { whole: 1, condemned: 2, lost: 4 } as const

export function encodeChunkRow(row: ChunkRow): Buffer {
  const bytes = Buffer.allocUnsafe(CHUNK_ROW_BYTES)
  bytes[0] = VERSION
  bytes[1] = (row.whole ? FLAG.whole : 0) | (row.condemned ? FLAG.condemned : 0) | (row.lost ? FLAG.lost : 0)
  bytes[2] = row.codec
  bytes[3] = 0
  bytes.writeUInt32BE(row.place.pack, 4)
  writeU48(bytes, row.place.offset, 8)
  bytes.writeUInt32BE(row.place.length, 14)
  bytes.writeUInt32BE(row.size, 18)
  writeU48(bytes, row.dense, 22)
  return bytes
}

export function decodeChunkRow(bytes: Buffer): ChunkRow {
  return {
    place: { pack: bytes.readUInt32BE(4), offset: readU48(bytes, 8), length: bytes.readUInt32BE(14) },
    codec: bytes.readUInt8(2) as Codec,
    size: bytes.readUInt32BE(18),
    whole: rowIsWhole(bytes),
    condemned: rowIsCondemned(bytes),
    lost: rowIsLost(bytes),
    dense: readU48(bytes, 22),
  }
}

export const rowIsWhole = (bytes: Buffer): boolean => (bytes.readUInt8(1) & FLAG.whole) !== 0
export const rowIsCondemned = (bytes: Buffer): boolean => (bytes.readUInt8(1) & FLAG.condemned) !== 0
export const rowIsLost = (bytes: Buffer): boolean => (bytes.readUInt8(1) & FLAG.lost) !== 0
