import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { type Chunk, type ChunkRef, plainOf } from '../model/chunk.js'
import type { TreeEntry } from '../model/endpoint.js'
import type { ChunkId } from '../model/ids.js'

/*
 * A tree node, the plain bytes of a chunk. All numbers are big-endian.
 *
 *   0  u8   version 1                       then, for each entry, 42 bytes:
 *   1  u8   level: 1 lists leaves,           0  u48  plain bytes of the object that it covers
 *           n lists nodes of level n-1       6  u32  size of the child's plain bytes; 0 for a hole
 *   2  u16  0                               10  32   id of the child; zeros for a hole
 *   4  u32  number of entries
 *
 * A leaf is as long as it spans. Holes stand on level 1 only, and never side by side.
 */
const VERSION = 1
const HEADER_BYTES = 8
const ENTRY_BYTES = 42
const HOLE = '0'.repeat(64)

export interface TreeNode {
  readonly level: number
  readonly entries: readonly TreeEntry[]
}

export function encodeNode(level: number, entries: readonly TreeEntry[]): Buffer {
  const out = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES)
  out.writeUInt8(VERSION, 0)
  out.writeUInt8(level, 1)
  out.writeUInt32BE(entries.length, 4)
  let at = HEADER_BYTES
  for (const { span, ref } of entries) {
    out.writeUIntBE(span, at, 6)
    if (ref !== undefined) {
      out.writeUInt32BE(ref.size, at + 6)
      out.write(ref.id, at + 10, 'hex')
    }
    at += ENTRY_BYTES
  }
  return out
}

/** What a chunk that is a node lists. @throws as `decodeNode` */
export const childrenOf = (node: Chunk): ChunkRef[] => decodeNode(plainOf(node)).entries.flatMap(({ ref }) => ref ?? [])

/** @throws CORRUPT where the bytes are no node; NEWER_FORMAT where a later efs wrote it */
export function decodeNode(plain: Uint8Array): TreeNode {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length)
  if (bytes.length < HEADER_BYTES) throw corrupt('it is too short')
  const version = bytes.readUInt8(0)
  if (version > VERSION) {
    throw new EfsError('NEWER_FORMAT', `a tree node has format ${version}, this efs reads up to ${VERSION}`, {
      hint: 'use a newer efs',
    })
  }
  const level = bytes.readUInt8(1)
  const count = bytes.readUInt32BE(4)
  if (version !== VERSION || bytes.readUInt16BE(2) !== 0) throw corrupt('its head')
  if (level < 1 || level > LIMITS.treeDepthMax) throw corrupt(`level ${level}`)
  if (count < 1 || count > LIMITS.nodeEntriesMax) throw corrupt(`${count} entries`)
  if (bytes.length !== HEADER_BYTES + count * ENTRY_BYTES) throw corrupt('its length is not that of its entries')
  const entries: TreeEntry[] = []
  let covered = 0
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const entry = decodeEntry(bytes, at, level)
    const before = entries.at(-1)
    if (entry.ref === undefined && before !== undefined && before.ref === undefined) throw corrupt('two holes in a row')
    covered += entry.span
    entries.push(entry)
  }
  if (covered > LIMITS.objectBytesMax) throw corrupt(`it covers ${covered} bytes`)
  return { level, entries }
}

function decodeEntry(bytes: Buffer, at: number, level: number): TreeEntry {
  const span = bytes.readUIntBE(at, 6)
  const size = bytes.readUInt32BE(at + 6)
  const id = bytes.toString('hex', at + 10, at + ENTRY_BYTES)
  if (span === 0) throw corrupt('an entry covers nothing')
  if (size === 0) {
    if (id !== HOLE || level > 1) throw corrupt('an entry without a child is no hole')
    return { span }
  }
  if (size > LIMITS.chunkBytesMax || (level === 1 && size !== span)) throw corrupt('an entry of a wrong size')
  return { span, ref: { id: id as ChunkId, size, node: level > 1 } }
}

const corrupt = (why: string): EfsError => new EfsError('CORRUPT', `a tree node is damaged: ${why}`)
