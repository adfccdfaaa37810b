import { hashBytes } from '../../base/hash.js'
import type { ManifestAt } from '../../format/log.js'
import { readU48, writeU48, writeU64 } from '../../format/rows-numbers.js'
import type { BucketUid, ChunkId, VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { Stamp } from '../../model/manifest.js'

/** The keys of the index's tables; every table that belongs to a bucket starts with its uid's 16 bytes. */

export const UID_BYTES = 16

export const chunkKey = (id: ChunkId): Buffer => Buffer.from(id, 'hex')
export const uidKey = (uid: BucketUid): Buffer => Buffer.from(uid, 'hex')

export function headKey(uid: BucketUid, key: string): Buffer {
  const bytes = Buffer.allocUnsafe(UID_BYTES + Buffer.byteLength(key))
  bytes.write(uid, 0, 'hex')
  bytes.write(key, UID_BYTES)
  return bytes
}

export const keyOfHead = (bytes: Buffer): ObjectKey => bytes.toString('utf8', UID_BYTES) as ObjectKey

/** NUL stands in no key, so the versions of one key are together and apart from those of longer keys. */
export const versionsPrefix = (head: Buffer): Buffer => Buffer.concat([head, Buffer.of(0)])
/** They stand in the order of their stamps. */
export function versionKey(head: Buffer, { stamp, id }: { readonly stamp: Stamp; readonly id: VersionId }): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + VERSION_SUFFIX_BYTES)
  head.copy(bytes)
  bytes[head.length] = 0
  writeU64(bytes, stamp.time, head.length + 1)
  bytes.write(stamp.segment, head.length + 9, 'hex')
  bytes.write(id, head.length + 25, 'hex')
  return bytes
}
const VERSION_SUFFIX_BYTES = 1 + 8 + 16 + 32
export const headOfVersion = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - VERSION_SUFFIX_BYTES)
/** What the versions of a key start with whose stamps are not before `time` (microseconds). */
export function versionsSince(head: Buffer, time: number): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + 9)
  head.copy(bytes)
  bytes[head.length] = 0
  writeU64(bytes, time, head.length + 1)
  return bytes
}

/** Also of the epochs' rows. */
export function journalKey(uid: BucketUid, sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(UID_BYTES + 8)
  bytes.write(uid, 0, 'hex')
  writeU64(bytes, sequence, UID_BYTES)
  return bytes
}
export const SEQUENCE_AT = UID_BYTES

/** Of a checkpoint, and what the rows of retries and of a baseline start with: names are long, so 16 bytes of their hash stand for them. */
export const namedKey = (uid: BucketUid, name: string): Buffer =>
  Buffer.concat([uidKey(uid), hashBytes(Buffer.from(name)).subarray(0, 16)])

export const underNamed = (prefix: Buffer, key: ObjectKey): Buffer => Buffer.concat([prefix, Buffer.from(key)])
export const keyOfNamed = (bytes: Buffer): ObjectKey => bytes.toString('utf8', NAMED_BYTES) as ObjectKey
const NAMED_BYTES = UID_BYTES + 16

/** `block`: cells stand together by CELLS_PER_ROW. */
export function cellsKey(uid: BucketUid, kind: number, block: number): Buffer {
  const bytes = Buffer.allocUnsafe(UID_BYTES + 2)
  bytes.write(uid, 0, 'hex')
  bytes[UID_BYTES] = kind
  bytes[UID_BYTES + 1] = block
  return bytes
}

export function packKey(pack: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(pack)
  return bytes
}

/** One publishing: head key, NUL, version id; then mostly the place of its manifest. */
export const publishedKey = (head: Buffer, id: VersionId): Buffer =>
  Buffer.concat([head, Buffer.of(0), Buffer.from(id, 'hex')])

/** u32 pack, u48 offset. */
export function placeBytes({ pack, offset }: ManifestAt): Buffer {
  const bytes = Buffer.allocUnsafe(PLACE_BYTES)
  bytes.writeUInt32BE(pack, 0)
  writeU48(bytes, offset, 4)
  return bytes
}
const PLACE_BYTES = 4 + 6
const ID_BYTES = 32

export interface Published {
  /** As `publishedKey`, without the place. */
  readonly at: Buffer
  readonly head: Buffer
  readonly id: VersionId
  readonly place: ManifestAt
}

export function readPublished(bytes: Buffer): Published {
  const at = bytes.subarray(0, bytes.length - PLACE_BYTES)
  const end = at.length - ID_BYTES
  const [head, id] = [at.subarray(0, end - 1), at.toString('hex', end) as VersionId]
  return { at, head, id, place: { pack: bytes.readUInt32BE(at.length), offset: readU48(bytes, at.length + 4) } }
}

/** The number of parts comes first, so that the children of a path stand together. */
export const nameKey = (path: string): Buffer => Buffer.concat([Buffer.of(path.split('/').length), Buffer.from(path)])
export const childrenPrefix = (path: string): Buffer =>
  path === '' ? Buffer.of(1) : Buffer.concat([Buffer.of(path.split('/').length + 1), Buffer.from(`${path}/`)])
