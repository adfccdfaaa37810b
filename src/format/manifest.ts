import { EfsError } from '../base/errors.js'
import { hashHex } from '../base/hash.js'
import { LIMITS } from '../base/limits.js'
import type { ChunkId, ContentHash, SegmentGuid, VersionId } from '../model/ids.js'
import { compareKeys } from '../model/key.js'
import {
  type Attributes,
  type Content,
  KIND,
  type KindName,
  type Manifest,
  type Root,
  type Vector,
  type Version,
} from '../model/manifest.js'
import type { Cbor } from './cbor.js'
import { CborWriter } from './cbor-writer.js'
import {
  bytesOf,
  type CborMap,
  damaged,
  decodeCanonical,
  hexOf,
  listOf,
  mapOf,
  recordOf,
  textOf,
  wholeOf,
} from './fields.js'

/*
 * A manifest is one dag-cbor map, in its canonical encoding, so that equal manifests have equal ids:
 *
 *   v   1                                       st  [stamp time in microseconds, segment GUID as 16 bytes]
 *   k   kind: 0 deleted 1 file 2 link 3 folder  ve  [[segment GUID, time], …] in the order of GUIDs
 *   s   plain bytes                             p   [version id as 32 bytes, …] in the manifest's own order
 *   h   content hash, 32 bytes
 *   r   inline bytes, or [chunk id as 32 bytes, chunk's plain bytes, depth]
 *   a   attributes, each only where known: m mode, t mtime in nanoseconds, x [[name, bytes], …], u [[name, text], …]
 *       in the order of the names' bytes
 *
 * All nine fields are always there. CBOR numbers are big-endian by themselves.
 */
const VERSION = 1
const KIND_NAMES = Object.keys(KIND) as KindName[]
const MODE_MAX = 0o7777
/** Index rows hold times in 64 bits. */
const TIME_NS_MAX = 2n ** 63n - 1n

const FORMAT = {
  what: 'a manifest',
  version: VERSION,
  bytesMax: LIMITS.manifestBytesMax,
  encode: toBytes,
  read,
} as const

/** @throws FAILED where the manifest breaks a rule, and so could not be read again */
export function encodeManifest(manifest: Manifest): { readonly id: VersionId; readonly bytes: Uint8Array } {
  const fault = faultOf(manifest)
  if (fault !== undefined) throw unwritable(fault)
  const bytes = toBytes(manifest)
  if (bytes.length > LIMITS.manifestBytesMax) throw unwritable(`it would have ${bytes.length} bytes`)
  return { id: hashHex(bytes) as VersionId, bytes }
}

const unwritable = (fault: string): EfsError =>
  new EfsError('FAILED', `this cannot be written into a manifest: ${fault}`)

/** @throws CORRUPT where the bytes are not the canonical encoding of a manifest that keeps the rules; NEWER_FORMAT */
export const decodeManifest = (bytes: Uint8Array): Manifest => decodeCanonical<Manifest>(FORMAT, bytes)

/** @throws CORRUPT also where the bytes do not hash to `id`; NEWER_FORMAT */
export function decodeVersion(id: VersionId, bytes: Uint8Array): Version {
  if (hashHex(bytes) !== id) throw new EfsError('CORRUPT', `version ${id.slice(0, 16)} does not hash to its name`)
  return { id, manifest: decodeManifest(bytes) }
}

const writer = new CborWriter()

/** The nine fields in the canonical order of their names. */
function toBytes(manifest: Manifest): Uint8Array {
  const { stamp, parents } = manifest
  writer.map(9)
  writer.text('a')
  writeAttributes(manifest.attributes)
  writer.text('h')
  writer.hex(manifest.contentHash)
  writer.text('k')
  writer.uint(KIND[manifest.kind])
  writer.text('p')
  writer.array(parents.length)
  for (const parent of parents) writer.hex(parent)
  writer.text('r')
  writeRoot(manifest.root)
  writer.text('s')
  writer.uint(manifest.size)
  writer.text('v')
  writer.uint(VERSION)
  writer.text('st')
  writer.array(2)
  writer.uint(stamp.time)
  writer.hex(stamp.segment)
  writer.text('ve')
  writeVector(manifest.vector)
  return writer.take()
}

function writeRoot(root: Root): void {
  if ('inline' in root) writer.bytes(root.inline)
  else {
    writer.array(3)
    writer.hex(root.ref.id)
    writer.uint(root.ref.size)
    writer.uint(root.depth)
  }
}

function writeVector(vector: Vector): void {
  const entries = Object.entries(vector)
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  writer.array(entries.length)
  for (const [segment, time] of entries) {
    writer.array(2)
    writer.hex(segment)
    writer.uint(time)
  }
}

function writeAttributes({ mode, mtimeNs, xattrs, user }: Attributes): void {
  const known = [mode, mtimeNs, xattrs, user].filter((value) => value !== undefined)
  writer.map(known.length)
  if (mode !== undefined) {
    writer.text('m')
    writer.uint(mode)
  }
  if (mtimeNs !== undefined) {
    writer.text('t')
    writer.int(mtimeNs)
  }
  if (user !== undefined) writePairs('u', user, (value) => writer.text(value))
  if (xattrs !== undefined) writePairs('x', xattrs, (value) => writer.bytes(value))
}

function writePairs<T>(name: string, values: Readonly<Record<string, T>>, write: (value: T) => void): void {
  const entries = Object.entries(values).sort(([a], [b]) => compareKeys(a, b))
  writer.text(name)
  writer.array(entries.length)
  for (const [key, value] of entries) {
    writer.array(2)
    writer.text(key)
    write(value)
  }
}

function read(map: CborMap): Manifest {
  const kind = KIND_NAMES.find((name) => KIND[name] === map.k)
  if (kind === undefined) throw damaged('its kind is unknown')
  const [time, segment] = listOf(map.st)
  const manifest: Manifest = {
    kind,
    size: wholeOf(map.s),
    contentHash: hexOf(map.h, 32) as ContentHash,
    attributes: readAttributes(mapOf(map.a)),
    root: readRoot(map.r),
    stamp: { time: wholeOf(time), segment: hexOf(segment, 16) as SegmentGuid },
    vector: Object.fromEntries(listOf(map.ve).map((pair) => [hexOf(listOf(pair)[0], 16), wholeOf(listOf(pair)[1])])),
    parents: listOf(map.p).map((parent) => hexOf(parent, 32) as VersionId),
  }
  const fault = faultOf(manifest)
  if (fault !== undefined) throw damaged(fault)
  return manifest
}

function readRoot(value: Cbor | undefined): Root {
  if (value instanceof Uint8Array) return { inline: value }
  const [id, bytes, levels] = listOf(value)
  const depth = wholeOf(levels)
  return { ref: { id: hexOf(id, 32) as ChunkId, size: wholeOf(bytes), node: depth > 0 }, depth }
}

function readAttributes({ m, t, x, u }: CborMap): Attributes {
  return {
    ...(m === undefined ? undefined : { mode: wholeOf(m) }),
    ...(t === undefined ? undefined : { mtimeNs: nanosecondsOf(t) }),
    ...(x === undefined ? undefined : { xattrs: recordOf(x, bytesOf) }),
    ...(u === undefined ? undefined : { user: recordOf(u, textOf) }),
  }
}

/** CBOR has one kind of integer: what a double holds exactly is decoded as a number. */
function nanosecondsOf(value: Cbor): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw damaged('a time is missing')
  return BigInt(value)
}

/** Which rule a manifest breaks, if any. The same for what is written and for what is read. */
function faultOf(manifest: Manifest): string | undefined {
  return rootFault(manifest) ?? attributesFault(manifest.attributes) ?? lineFault(manifest)
}

function rootFault({ kind, size, root }: Content): string | undefined {
  if ('inline' in root) {
    const most = kind === 'link' ? LIMITS.linkTargetBytesMax : kind === 'file' ? LIMITS.inlineBytesMax : 0
    if (root.inline.length > most) return `${root.inline.length} inline bytes, at most ${most} are allowed`
    return root.inline.length === size ? undefined : 'its size is not that of its inline bytes'
  }
  const { ref, depth } = root
  if (kind !== 'file') return 'only a file has chunks'
  if (!Number.isSafeInteger(size) || size > LIMITS.objectBytesMax) return `a size of ${size} bytes`
  if (depth > LIMITS.treeDepthMax || ref.node !== depth > 0) return `a root of depth ${depth}`
  if (ref.size < 1 || ref.size > LIMITS.chunkBytesMax) return `a root of ${ref.size} bytes`
  return depth > 0 || ref.size === size ? undefined : 'its size is not that of its only chunk'
}

function attributesFault({ mode, mtimeNs, xattrs, user }: Attributes): string | undefined {
  if (mode !== undefined && !(Number.isInteger(mode) && mode >= 0 && mode <= MODE_MAX)) return `mode ${mode}`
  if (mtimeNs !== undefined && (mtimeNs > TIME_NS_MAX || mtimeNs < -TIME_NS_MAX - 1n)) return `a time of ${mtimeNs} ns`
  if (xattrs === undefined && user === undefined) return undefined
  const texts = [...Object.keys(xattrs ?? {}), ...Object.entries(user ?? {}).flat()]
  return texts.every((text) => text.isWellFormed()) ? undefined : 'an attribute is not UTF-8'
}

/** The vector ends in the stamp: otherwise a version would not cover itself, or cover what it never saw. */
function lineFault({ stamp, vector }: Manifest): string | undefined {
  if (!Number.isSafeInteger(stamp.time) || stamp.time < 0) return `a stamp of ${stamp.time}`
  if (vector[stamp.segment] !== stamp.time) return 'its vector does not hold its stamp'
  return Object.values(vector).every((time) => time <= stamp.time) ? undefined : 'its vector is ahead of its stamp'
}
