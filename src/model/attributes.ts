import { hashHex } from '../base/hash.js'
import { compareKeys } from './key.js'
import type { Attributes } from './manifest.js'

/*
 * BLAKE3(u8 1, u8 known: 1 mode 2 mtime, u16 mode, i64 mtime, then for each xattr in the order of names:
 * u32 name bytes, name, u32 value bytes, value), big-endian; what is not known is 0.
 */
const VERSION = 1

/** Equal exactly where mode, mtime and extended attributes are; a user's own keys do not count. */
export function attributesHash({ mode, mtimeNs, xattrs }: Attributes): string {
  const head = Buffer.allocUnsafe(12)
  head.writeUInt8(VERSION, 0)
  head.writeUInt8((mode === undefined ? 0 : 1) | (mtimeNs === undefined ? 0 : 2), 1)
  head.writeUInt16BE(mode ?? 0, 2)
  head.writeBigInt64BE(mtimeNs ?? 0n, 4)
  if (xattrs === undefined) return hashHex(head)
  const sorted = Object.entries(xattrs).sort(([a], [b]) => compareKeys(a, b))
  return hashHex(
    Buffer.concat([head, ...sorted.flatMap(([name, value]) => [prefixed(Buffer.from(name)), prefixed(value)])]),
  )
}

function prefixed(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(4 + bytes.length)
  out.writeUInt32BE(bytes.length, 0)
  out.set(bytes, 4)
  return out
}
