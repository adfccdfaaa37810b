import { LIMITS } from '../../base/limits.js'
import type { Cbor } from '../../format/cbor.js'
import { bytesOfHex, damaged, hexOf, listOf, mapOf, wholeOf } from '../../format/fields.js'
import { readSettings, settingsToCbor } from '../../format/log.js'
import { decodePosition, encodePosition } from '../../format/position.js'
import {
  bytes,
  flag,
  hex,
  key,
  list,
  mapped,
  maybe,
  record,
  type Shape,
  struct,
  text,
  whole,
} from '../../format/shape.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { Parked } from '../../model/endpoint.js'
import type { ChunkId, ContentHash, SegmentGuid, VersionId } from '../../model/ids.js'
import type { Grants } from '../../model/link.js'
import type { Checkpoint, CheckpointMove, Retry } from '../../model/live.js'
import { KIND, type KindName } from '../../model/manifest.js'
import type { Position } from '../../model/position.js'
import { isChunkSize, type Settings } from '../../model/settings.js'
import type { Held, VersionRef } from '../../model/version-ref.js'

const PATH_BYTES_MAX = 3 * (LIMITS.nameBytesMax + 1)

/** The path of a cluster, tenant or bucket. */
export const path = text(PATH_BYTES_MAX)
/** Words for people. */
export const words = text(LIMITS.linkTextBytesMax)
export const shortText = text(LIMITS.lineBytesMax)

export const grants: Shape<Grants> = record(struct({ read: flag, write: flag }), LIMITS.linkNamesMax, PATH_BYTES_MAX)

export const position: Shape<Position> = mapped(bytes(LIMITS.lineBytesMax), encodePosition, (read) =>
  decodePosition(Buffer.from(read.buffer, read.byteOffset, read.length)),
)

const REF_BYTES = 37

/** Refs of chunks in one byte string, 37 bytes each: id, u32 plain bytes, u8 1 for a node. */
export const chunkRefs: Shape<readonly ChunkRef[]> = mapped(
  bytes(LIMITS.missingRefsMax * REF_BYTES),
  (refs) => {
    const out = Buffer.alloc(refs.length * REF_BYTES)
    for (const [i, { id, size, node }] of refs.entries()) {
      out.write(id, i * REF_BYTES, 'hex')
      out.writeUInt32BE(size, i * REF_BYTES + 32)
      out.writeUInt8(node ? 1 : 0, i * REF_BYTES + 36)
    }
    return out
  },
  (read) => {
    const view = Buffer.from(read.buffer, read.byteOffset, read.length)
    if (view.length % REF_BYTES !== 0) throw damaged('a part of a ref')
    return Array.from({ length: view.length / REF_BYTES }, (_, i) => chunkRefAt(view, i * REF_BYTES))
  },
)

function chunkRefAt(view: Buffer, at: number): ChunkRef {
  const size = view.readUInt32BE(at + 32)
  const node = view.readUInt8(at + 36)
  if (size > LIMITS.chunkBytesMax || size === 0) throw damaged(`a chunk of ${size} bytes`)
  if (node > 1) throw damaged('a ref of an unknown kind')
  return { id: view.toString('hex', at, at + 32) as ChunkId, size, node: node === 1 }
}

/** Which of what was asked for: bit `i % 8`, the lowest first, of byte `i / 8`. */
export const bits: Shape<Uint8Array> = bytes(LIMITS.missingRefsMax / 8)

export function bitsOf<T>(asked: readonly T[], isSet: (one: T) => boolean): Uint8Array {
  const out = new Uint8Array(Math.ceil(asked.length / 8))
  for (const [i, one] of asked.entries()) if (isSet(one)) out[i >> 3] = (out[i >> 3] ?? 0) | (1 << (i & 7))
  return out
}

export const withBits = <T>(asked: readonly T[], set: Uint8Array): T[] =>
  asked.filter((_, i) => ((set[i >> 3] ?? 0) >> (i & 7)) & 1)

const KIND_NAMES = Object.keys(KIND) as KindName[]
const integer = maybe(mapped<number | bigint, bigint>({ write: (value) => value, read: integerOf }, (v) => v, BigInt))

function integerOf(value: Cbor | undefined): number | bigint {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw damaged('an integer is missing')
}

/**
 * A row of a listing: [key, kind, size, mode or null, mtime in nanoseconds or null, version id, stamp time, stamp segment,
 * content hash, attributes hash, root or null, tips]. A root is [chunk id, chunk's plain bytes, depth].
 */
export const versionRef: Shape<VersionRef> = {
  write({ key: name, kind, size, mode, mtimeNs, held }) {
    if (held === undefined) throw new Error('a row that no index tells does not travel')
    const { id, stamp, contentHash, attributesHash, root, tips } = held
    const hexes = [id, stamp.segment, contentHash, attributesHash].map(bytesOfHex)
    const [version = null, segment = null, content = null, attributes = null] = hexes
    const place = root === undefined ? null : [bytesOfHex(root.ref.id), root.ref.size, root.depth]
    const first: Cbor[] = [name, KIND[kind], size, mode ?? null, mtimeNs ?? null]
    return [...first, version, stamp.time, segment, content, attributes, place, tips]
  },
  read(value) {
    const [name, kindNumber, size, mode, mtime, id, time, segment, content, attributes, root, tips] = listOf(value)
    const kind = KIND_NAMES.find((one) => KIND[one] === kindNumber)
    if (kind === undefined) throw damaged('an unknown kind')
    const mtimeNs = integer.read(mtime)
    return {
      key: key.read(name),
      kind,
      size: wholeOf(size),
      ...(typeof mode === 'number' ? { mode: wholeOf(mode) } : undefined),
      ...(mtimeNs === undefined ? undefined : { mtimeNs }),
      held: {
        id: hexOf(id, 32) as VersionId,
        stamp: { time: wholeOf(time), segment: hexOf(segment, 16) as SegmentGuid },
        contentHash: hexOf(content, 32) as ContentHash,
        attributesHash: hexOf(attributes, 32),
        root: rootOf(root),
        tips: wholeOf(tips),
      },
    }
  },
}

function rootOf(value: Cbor | undefined): Held['root'] {
  if (value === null || value === undefined) return undefined
  const [id, size, levels] = listOf(value)
  const depth = wholeOf(levels)
  if (depth > LIMITS.treeDepthMax || wholeOf(size) > LIMITS.chunkBytesMax) throw damaged('a root beyond the limits')
  return { ref: { id: hexOf(id, 32) as ChunkId, size: wholeOf(size), node: depth > 0 }, depth }
}

export const checkpoint: Shape<Checkpoint> = mapped(
  struct({ position, pass: maybe(text(LIMITS.keyBytesMax)) }),
  ({ position: at, pass }) => ({ position: at, pass }),
  ({ position: at, pass }) => ({ position: at, ...(pass === undefined ? undefined : { pass }) }),
)

const stamp = struct({ time: whole, segment: hex<SegmentGuid>(16) })

export const parked: Shape<Parked> = mapped(
  struct({ key, why: words, stamp: maybe(stamp) }),
  (what) => ({ stamp: undefined, ...what }),
  ({ stamp: of, ...what }) => (of === undefined ? what : { ...what, stamp: of }),
)

export const move: Shape<CheckpointMove> = mapped(
  struct({
    name: shortText,
    from: maybe(checkpoint),
    to: checkpoint,
    parked: list(parked, LIMITS.missingRefsMax),
    gone: maybe(list(key, LIMITS.missingRefsMax)),
  }),
  (move) => ({ gone: undefined, ...move }),
  ({ gone, ...move }) => (gone === undefined ? move : { ...move, gone }),
)

export const retry: Shape<Retry> = struct({ key, why: words, tries: whole, firstMs: whole, nextMs: whole })

/** Of a cluster, tenant or bucket that is to be made. */
export const settings: Shape<Settings> = {
  write: settingsToCbor,
  read(value) {
    const read = readSettings(mapOf(value))
    const { chunkSize = LIMITS.chunkBytesDefault, numberOfVersions = 1 } = read
    if (!isChunkSize(chunkSize) || numberOfVersions < 1) throw damaged('a setting is out of range')
    if (JSON.stringify(read).length > LIMITS.linkKnockBytesMax) throw damaged('settings beyond the limits')
    return read
  },
}

export const chunkBytes: Shape<number> = {
  write: whole.write,
  read(value) {
    const bytes = whole.read(value)
    if (!isChunkSize(bytes)) throw damaged(`chunks of ${bytes} bytes`)
    return bytes
  },
}
