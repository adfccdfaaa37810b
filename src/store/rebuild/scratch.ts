import type { RootDatabase } from 'lmdb'
import type { ManifestAt } from '../../format/log.js'
import { readU48, readU64, writeU48, writeU64 } from '../../format/rows-numbers.js'
import type { BucketUid, VersionId } from '../../model/ids.js'
import type { Stamp } from '../../model/manifest.js'
import { type Gate, NO_GATE } from '../index/gate.js'
import { placeBytes } from '../index/keys.js'
import type { Table } from '../index/table.js'
import { openFile, tablesOf } from '../index/tables.js'

/**
 * What a rebuild gathers from the packs before it can be put in order. It is on the disk because it can be more than fits
 * in memory, and it is thrown away.
 */
const NAMES = [
  /** As `manifestKey`: its version row, as far as a manifest tells it. */
  'manifests',
  /** As `publishedKey`, place of a manifest: u48 offsets of all manifests of that version in its commit. */
  'published',
  /** As `publishedKey`, place of the manifest where it is told: nothing. */
  'removed',
  /** As `publishedKey`, place of a manifest, place of one that was copied from it: nothing. */
  'copies',
  /** The same, the place of the copy first. */
  'origins',
  /** Uid: nothing. */
  'dropped',
  /** Uid: its latest `name` record, as `putLatest` writes it. */
  'names',
  /** Bucket uid: its latest `floor` record, as well. */
  'floors',
  /** As `keptKey`: version row. */
  'kept',
] as const

export type Scratch = Readonly<Record<(typeof NAMES)[number], Table>> & {
  readonly root: RootDatabase<Buffer, Buffer>
  readonly gate: Gate
  /** For the words of errors. */
  readonly home: string
}

export const NOTHING = Buffer.of(0)

export function openScratch(home: string, file: string): Scratch {
  const root = openFile(file, false)
  return { ...tablesOf({ root, home }, NAMES), root, gate: NO_GATE, home }
}

/** In a transaction: u64 stamp, then the payload of the record; one with a later stamp stays. */
export function putLatest(table: Table, key: Buffer, stamp: number, payload: Buffer): void {
  const before = table.get(key)
  if (before !== undefined && stampOfLatest(before) > stamp) return
  const bytes = Buffer.allocUnsafe(8 + payload.length)
  writeU64(bytes, stamp, 0)
  payload.copy(bytes, 8)
  table.putSync(key, bytes)
}
export const stampOfLatest = (bytes: Buffer): number => readU64(bytes, 0)
export const payloadOfLatest = (bytes: Buffer): Buffer => bytes.subarray(8)

/** Version id, place. */
export const manifestKey = (id: VersionId, at: ManifestAt): Buffer =>
  Buffer.concat([Buffer.from(id, 'hex'), placeBytes(at)])

export function offsetsBytes(offsets: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(offsets.length * 6)
  for (const [i, offset] of offsets.entries()) writeU48(bytes, offset, i * 6)
  return bytes
}
export const readOffsets = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 6 }, (_, i) => readU48(bytes, i * 6))

/** Head key, NUL, stamp with all its bits turned, version id: of each key the latest version comes first. */
export function keptKey(head: Buffer, { stamp, id }: { readonly stamp: Stamp; readonly id: VersionId }): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + 1 + STAMP_BYTES + ID_BYTES)
  head.copy(bytes)
  bytes[head.length] = 0
  const at = head.length + 1
  bytes.writeBigUInt64BE(~BigInt(stamp.time) & U64, at)
  bytes.write(stamp.segment, at + 8, 'hex')
  for (let i = at + 8; i < at + STAMP_BYTES; i++) bytes[i] = ~(bytes[i] ?? 0)
  bytes.write(id, at + STAMP_BYTES, 'hex')
  return bytes
}

const ID_BYTES = 32
const STAMP_BYTES = 8 + 16
const U64 = 2n ** 64n - 1n

export const headOfKept = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - STAMP_BYTES - ID_BYTES - 1)

const UID_BYTES = 16
export const uidBytesOf = (head: Buffer): Buffer => head.subarray(0, UID_BYTES)
export const uidOf = (head: Buffer): BucketUid => head.toString('hex', 0, UID_BYTES) as BucketUid
