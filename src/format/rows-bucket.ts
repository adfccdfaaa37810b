import type { BaselineRow, GivenRow } from '../model/baseline.js'
import type { ChunkId, ContentHash, SegmentGuid, VersionId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { TreeRoot } from '../model/manifest.js'
import type { BucketCounters } from '../model/segment.js'
import { readU64, writeU64 } from './rows-numbers.js'

/** What is counted about a bucket, and where its journal stands. 72 bytes. */
export interface BucketRow extends BucketCounters {
  /** Of the newest row of the journal; 0 before the first. */
  readonly sequence: number
  /** In which that row was written. */
  readonly epoch: number
  /** Deletes with an earlier stamp (microseconds since 1970) were forgotten; 0: none was. */
  readonly floor: number
}

const COLUMNS = [
  'objects',
  'bytes',
  'folders',
  'versions',
  'deleted',
  'conflicts',
  'sequence',
  'epoch',
  'floor',
] as const

export const EMPTY_BUCKET: BucketRow = {
  objects: 0,
  bytes: 0,
  folders: 0,
  versions: 0,
  deleted: 0,
  conflicts: 0,
  sequence: 0,
  epoch: 0,
  floor: 0,
}

export function encodeBucketRow(row: BucketRow): Buffer {
  const bytes = Buffer.allocUnsafe(COLUMNS.length * 8)
  COLUMNS.forEach((column, i) => {
    writeU64(bytes, row[column], i * 8)
  })
  return bytes
}

export function decodeBucketRow(bytes: Buffer): BucketRow {
  const row: Record<(typeof COLUMNS)[number], number> = { ...EMPTY_BUCKET }
  COLUMNS.forEach((column, i) => {
    row[column] = readU64(bytes, i * 8)
  })
  return row
}

/** Version id, 16 bytes of the peer that brought it (zeros: this segment, or not known), key. */
const JOURNAL_BY = 32
const JOURNAL_KEY = 48
const NOBODY = '0'.repeat(32)

export function encodeJournalRow(id: VersionId, key: string, by?: SegmentGuid): Buffer {
  const bytes = Buffer.allocUnsafe(JOURNAL_KEY + Buffer.byteLength(key)).fill(0, 0, JOURNAL_KEY)
  bytes.write(id, 0, 'hex')
  if (by !== undefined) bytes.write(by, JOURNAL_BY, 'hex')
  bytes.write(key, JOURNAL_KEY)
  return bytes
}

export interface JournalRow {
  readonly id: VersionId
  readonly key: ObjectKey
  readonly by?: SegmentGuid
}

export function decodeJournalRow(bytes: Buffer): JournalRow {
  const id = bytes.toString('hex', 0, JOURNAL_BY) as VersionId
  const by = bytes.toString('hex', JOURNAL_BY, JOURNAL_KEY) as SegmentGuid
  const key = bytes.toString('utf8', JOURNAL_KEY) as ObjectKey
  return by === NOBODY ? { id, key } : { id, key, by }
}

const BASELINE_ROOT = 72
const BASELINE_BYTES = BASELINE_ROOT + 37

/** What of it stands under the key; the root of a tree only where there is one. */
export function encodeBaselineRow({ id, seen, root }: Omit<BaselineRow, 'key'>): Buffer {
  const bytes = Buffer.allocUnsafe(root === undefined ? BASELINE_ROOT : BASELINE_BYTES)
  bytes.write(id, 0, 'hex')
  writeU64(bytes, seen.size, 32)
  bytes.writeBigInt64BE(seen.mtimeNs, 40)
  bytes.writeBigInt64BE(seen.ctimeNs, 48)
  bytes.writeBigUInt64BE(seen.inode, 56)
  writeU64(bytes, seen.takenMs, 64)
  if (root !== undefined) {
    bytes.write(root.ref.id, BASELINE_ROOT, 'hex')
    bytes.writeUInt32BE(root.ref.size, BASELINE_ROOT + 32)
    bytes.writeUInt8(root.depth, BASELINE_ROOT + 36)
  }
  return bytes
}

export const decodeBaselineRow = (bytes: Buffer): Omit<BaselineRow, 'key'> => ({
  id: bytes.toString('hex', 0, 32) as VersionId,
  seen: {
    size: readU64(bytes, 32),
    mtimeNs: bytes.readBigInt64BE(40),
    ctimeNs: bytes.readBigInt64BE(48),
    inode: bytes.readBigUInt64BE(56),
    takenMs: readU64(bytes, 64),
  },
  ...(bytes.length >= BASELINE_BYTES && { root: baselineRoot(bytes) }),
})

function baselineRoot(bytes: Buffer): TreeRoot {
  const id = bytes.toString('hex', BASELINE_ROOT, BASELINE_ROOT + 32) as ChunkId
  const depth = bytes.readUInt8(BASELINE_ROOT + 36)
  return { ref: { id, size: bytes.readUInt32BE(BASELINE_ROOT + 32), node: depth > 0 }, depth }
}

export const encodeGivenRow = ({ id, contentHash }: Omit<GivenRow, 'key'>): Buffer =>
  Buffer.from(id + contentHash, 'hex')

export const decodeGivenRow = (bytes: Buffer): Omit<GivenRow, 'key'> => ({
  id: bytes.toString('hex', 0, 32) as VersionId,
  contentHash: bytes.toString('hex', 32, 64) as ContentHash,
})
