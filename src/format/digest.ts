import { crc32 } from 'node:zlib'
import { hashBytes, hashHex } from '../base/hash.js'
import { LIMITS } from '../base/limits.js'
import type { ContentHash } from '../model/ids.js'
import { KIND, type KindName } from '../model/manifest.js'

/*
 * The digest of a bucket: 4,096 cells of 256 bits, each the sum (mod 2^256, big-endian) of the entries of the keys that
 * fall in it; the bucket's digest is the BLAKE3 of all cells in order. Adding and taking away an entry cost the same, so
 * the digest is kept up to date by every publish.
 *
 *   cell of a key   the high 12 bits of CRC-32(key)
 *   content entry   BLAKE3(u8 1, u32 key bytes, key, u8 kind, u64 size, content hash): live files and links
 *   full entry      BLAKE3(u8 1, content entry, attributes hash): live files, links and folders
 *
 * The attributes hash is that of src/model/attributes.ts. The first byte of each is the version.
 */
const VERSION = 1
export const DIGEST_CELLS = 4096
export const CELL_BYTES = 32

export interface DigestEntry {
  readonly key: string
  readonly kind: KindName
  readonly size: number
  readonly contentHash: ContentHash
}

export function digestCellOf(key: string): number {
  return crc32(key) >>> 20
}

/** Room for the longest entry: entries are hashed one at a time, for every object that is published. */
const scratch = Buffer.alloc(LIMITS.keyBytesMax + 64)

export function contentEntry({ key, kind, size, contentHash }: DigestEntry): Buffer {
  const keyBytes = scratch.write(key, 5)
  scratch.writeUInt8(VERSION, 0)
  scratch.writeUInt32BE(keyBytes, 1)
  scratch.writeUInt8(KIND[kind], 5 + keyBytes)
  scratch.writeUInt16BE(0, 6 + keyBytes)
  scratch.writeUIntBE(size, 8 + keyBytes, 6)
  scratch.write(contentHash, 14 + keyBytes, 'hex')
  return hashBytes(scratch.subarray(0, 46 + keyBytes))
}

/** `attributes` is an attributes hash, 64 hex digits. */
export function fullEntry(content: Buffer, attributes: string): Buffer {
  scratch.writeUInt8(VERSION, 0)
  content.copy(scratch, 1)
  scratch.write(attributes, 33, 'hex')
  return hashBytes(scratch.subarray(0, 65))
}

/** Changes `cell` in place. */
export function addToCell(cell: Buffer, entry: Buffer): void {
  let carry = 0
  for (let at = CELL_BYTES - 4; at >= 0; at -= 4) {
    const sum = cell.readUInt32BE(at) + entry.readUInt32BE(at) + carry
    cell.writeUInt32BE(sum >>> 0, at)
    carry = sum > 0xffff_ffff ? 1 : 0
  }
}

/** Changes `cell` in place; the inverse of `addToCell`. */
export function subtractFromCell(cell: Buffer, entry: Buffer): void {
  let borrow = 0
  for (let at = CELL_BYTES - 4; at >= 0; at -= 4) {
    const difference = cell.readUInt32BE(at) - entry.readUInt32BE(at) - borrow
    cell.writeUInt32BE(difference >>> 0, at)
    borrow = difference < 0 ? 1 : 0
  }
}

/** The digest over all cells, in order, as 64 hex digits. A cell that nothing was added to is 32 zeros. */
export function foldCells(cells: readonly Buffer[]): string {
  if (cells.length !== DIGEST_CELLS) throw new RangeError(`${cells.length} cells where ${DIGEST_CELLS} belong`)
  return hashHex(Buffer.concat(cells))
}
