import { hashBytes, hashHex } from '../base/hash.js'
import type { ContentHash } from '../model/ids.js'
import { KIND, type KindName } from '../model/manifest.js'

/*
 * The digest of a bucket: 4,096 cells of 256 bits, each the sum (mod 2^256, big-endian) of the entries of the keys that
 * fall in it; the bucket's digest is the BLAKE3 of all cells in order. Adding and taking away an entry cost the same, so
 * the digest is kept up to date by every publish.
 *
 *   cell of a key   the first 12 bits of BLAKE3(key)
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
  return hashBytes(Buffer.from(key)).readUInt16BE(0) >>> 4
}

export function contentEntry({ key, kind, size, contentHash }: DigestEntry): Buffer {
  const keyBytes = Buffer.byteLength(key)
  const bytes = Buffer.alloc(5 + keyBytes + 9 + 32)
  bytes.writeUInt8(VERSION, 0)
  bytes.writeUInt32BE(keyBytes, 1)
  bytes.write(key, 5)
  bytes.writeUInt8(KIND[kind], 5 + keyBytes)
  bytes.writeBigUInt64BE(BigInt(size), 6 + keyBytes)
  bytes.write(contentHash, 14 + keyBytes, 'hex')
  return hashBytes(bytes)
}

/** `attributes` is an attributes hash, 64 hex digits. */
export function fullEntry(content: Buffer, attributes: string): Buffer {
  const bytes = Buffer.alloc(65)
  bytes.writeUInt8(VERSION, 0)
  content.copy(bytes, 1)
  bytes.write(attributes, 33, 'hex')
  return hashBytes(bytes)
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
