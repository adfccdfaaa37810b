import type { ContentHash, SegmentGuid, VersionId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { KIND, type KindName, type Stamp, type TreeRoot } from '../model/manifest.js'
import type { VersionRef } from '../model/version-ref.js'
import { damagedRow } from './damaged-row.js'
import type { Place } from './rows-chunk.js'
import { readU48, readU64, writeU48, writeU64 } from './rows-numbers.js'

/** Index row of one version, 208 bytes: see docs/format-index.md. */
export interface VersionRow {
  readonly id: VersionId
  readonly kind: KindName
  readonly size: number
  readonly mode: number | undefined
  readonly mtimeNs: bigint | undefined
  readonly stamp: Stamp
  readonly contentHash: ContentHash
  readonly attributesHash: string
  readonly root: TreeRoot | undefined
  /** In a head's row: how many tips the key has. 1 in the others. */
  readonly tips: number
  /** In a head's row: how many versions the key has besides it. 0 in the others. */
  readonly others: number
  /** No other version of the key descends from it. */
  readonly tip: boolean
  /** The vector is the stamp and nothing else, so nobody needs the manifest for it. */
  readonly vectorIsStamp: boolean
  /** The manifest holds a user's own attributes, which the row does not tell. */
  readonly userAttributes: boolean
  readonly manifest: Place
  readonly sequence: number
}

const LAYOUT = 2
export const VERSION_ROW_BYTES = 208
const FLAG = { tip: 1, vectorIsStamp: 2, mode: 4, mtime: 8, root: 16, user: 32 } as const
/** Stamp segment, version id, content hash, attributes hash and root id stand together: one hex conversion reads all. */
const HASHES = 32
const KIND_NAMES: readonly KindName[] = ['deleted', 'file', 'link', 'folder']

export function encodeVersionRow(row: VersionRow): Buffer {
  const bytes = Buffer.allocUnsafe(VERSION_ROW_BYTES).fill(0)
  bytes[0] = LAYOUT
  bytes[1] = KIND[row.kind]
  bytes.writeUInt16BE(flagsOf(row), 2)
  bytes.writeUInt16BE(row.tips, 4)
  bytes.writeUInt16BE(row.mode ?? 0, 6)
  bytes.writeBigInt64BE(row.mtimeNs ?? 0n, 8)
  writeU64(bytes, row.size, 16)
  writeU64(bytes, row.stamp.time, 24)
  bytes.write(
    row.stamp.segment + row.id + row.contentHash + row.attributesHash + (row.root?.ref.id ?? ''),
    HASHES,
    'hex',
  )
  bytes.writeUInt32BE(row.root?.ref.size ?? 0, 176)
  bytes[180] = row.root?.depth ?? 0
  bytes.writeUIntBE(row.others, 181, 3)
  bytes.writeUInt32BE(row.manifest.pack, 184)
  writeU48(bytes, row.manifest.offset, 188)
  bytes.writeUInt32BE(row.manifest.length, 194)
  writeU64(bytes, row.sequence, 200)
  return bytes
}

function flagsOf(row: VersionRow): number {
  return (
    (row.tip ? FLAG.tip : 0) |
    (row.vectorIsStamp ? FLAG.vectorIsStamp : 0) |
    (row.mode === undefined ? 0 : FLAG.mode) |
    (row.mtimeNs === undefined ? 0 : FLAG.mtime) |
    (row.root === undefined ? 0 : FLAG.root) |
    (row.userAttributes ? FLAG.user : 0)
  )
}

export function decodeVersionRow(bytes: Buffer): VersionRow {
  const flags = bytes.readUInt16BE(2)
  const hashes = bytes.toString('hex', HASHES, 176)
  return {
    id: hashes.slice(32, 96) as VersionId,
    kind: rowKind(bytes),
    size: sizeOf(bytes),
    mode: flags & FLAG.mode ? bytes.readUInt16BE(6) : undefined,
    mtimeNs: flags & FLAG.mtime ? bytes.readBigInt64BE(8) : undefined,
    stamp: { time: readU64(bytes, 24), segment: hashes.slice(0, 32) as SegmentGuid },
    contentHash: hashes.slice(96, 160) as ContentHash,
    attributesHash: hashes.slice(160, 224),
    root: flags & FLAG.root ? rootOf(bytes, hashes) : undefined,
    tips: bytes.readUInt16BE(4),
    others: bytes.readUIntBE(181, 3),
    tip: (flags & FLAG.tip) !== 0,
    vectorIsStamp: (flags & FLAG.vectorIsStamp) !== 0,
    userAttributes: (flags & FLAG.user) !== 0,
    manifest: { pack: bytes.readUInt32BE(184), offset: readU48(bytes, 188), length: bytes.readUInt32BE(194) },
    sequence: readU64(bytes, 200),
  }
}

/** What a listing shows of a row: the columns that the model knows, without the store's own. */
export function refOfRow(key: ObjectKey, bytes: Buffer): VersionRef {
  const flags = bytes.readUInt16BE(2)
  const hashes = bytes.toString('hex', HASHES, 176)
  return {
    key,
    kind: rowKind(bytes),
    size: sizeOf(bytes),
    ...(flags & FLAG.mode ? { mode: bytes.readUInt16BE(6) } : undefined),
    ...(flags & FLAG.mtime ? { mtimeNs: bytes.readBigInt64BE(8) } : undefined),
    held: {
      id: hashes.slice(32, 96) as VersionId,
      stamp: { time: readU64(bytes, 24), segment: hashes.slice(0, 32) as SegmentGuid },
      contentHash: hashes.slice(96, 160) as ContentHash,
      attributesHash: hashes.slice(160, 224),
      root: flags & FLAG.root ? rootOf(bytes, hashes) : undefined,
      tips: bytes.readUInt16BE(4),
    },
  }
}

/** Without decoding the rest: listings skip deletes, and choose by time; what walks all heads looks at few of them. */
export const rowStampTime = (bytes: Buffer): number => readU64(bytes, 24)
export const rowTips = (bytes: Buffer): number => bytes.readUInt16BE(4)
export const rowIsTip = (bytes: Buffer): boolean => (bytes.readUInt16BE(2) & FLAG.tip) !== 0
export const rowOthers = (bytes: Buffer): number => bytes.readUIntBE(181, 3)
export const rowHasUserAttributes = (bytes: Buffer): boolean => (bytes.readUInt16BE(2) & FLAG.user) !== 0

export function rowKind(bytes: Buffer): KindName {
  const name = KIND_NAMES[bytes.readUInt8(1)]
  if (name === undefined) throw damagedRow(`a version of kind ${bytes.readUInt8(1)}`)
  return name
}

/** As manifests and digests have it. */
function sizeOf(bytes: Buffer): number {
  const size = readU64(bytes, 16)
  if (size >= 2 ** 48) throw damagedRow(`a version of ${size} bytes`)
  return size
}

function rootOf(bytes: Buffer, hashes: string): NonNullable<VersionRow['root']> {
  const depth = bytes.readUInt8(180)
  const id = hashes.slice(224, 288) as NonNullable<VersionRow['root']>['ref']['id']
  return { ref: { id, size: bytes.readUInt32BE(176), node: depth > 0 }, depth }
}
