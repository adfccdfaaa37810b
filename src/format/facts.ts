import { compressed, decompressed } from '../base/compression.js'
import { EfsError } from '../base/errors.js'
import { hashHex } from '../base/hash.js'
import { LIMITS } from '../base/limits.js'
import { CODEC, type Codec } from '../model/chunk.js'
import { type ObjectKey, objectKey } from '../model/key.js'
import { encodeCbor } from './cbor.js'
import { bytesOf, bytesOfHex, type CborMap, damaged, decodeCanonical, hexOf, listOf, textOf } from './fields.js'
import { codecOf } from './pack.js'

/*
 * One object of facts of a segment that stands in an object store. All numbers are big-endian.
 *
 *   0  7   "EFSFACT"                      20  u8  codec of the body: 0 plain, 1 zstd
 *   7  u8  version 1                      21  3   0
 *   8  u32 number of objects it covers    24  32  BLAKE3 of the body
 *  12  u32 body bytes                     56      ids of those objects, 32 bytes each, ascending; then the body
 *  16  u32 plain bytes of the body
 *
 * Its id is the BLAKE3 of all that stands in front of the body. The plain body is one dag-cbor map:
 *   {v: 1, p: [[pack id, rows], …], b: [[bucket path, [[key, manifest], …]], …]}
 */
const MAGIC = 'EFSFACT'
const VERSION = 1
const FIXED_BYTES = 56
const ID_BYTES = 32
/** All that can stand in front of a body. */
export const FACTS_HEAD_BYTES_MAX = FIXED_BYTES + ID_BYTES * LIMITS.factsCoveredMax

export interface PublishedEntry {
  readonly key: ObjectKey
  /** As encoded: the version id is its hash. */
  readonly manifest: Uint8Array
}

export interface Facts {
  /** What packs hold; `rows` as `encodeSpots` writes them. */
  readonly packs: readonly { readonly pack: string; readonly rows: Uint8Array }[]
  readonly published: readonly { readonly path: string; readonly entries: readonly PublishedEntry[] }[]
}

export interface FactsHead {
  /** 64 hex digits. */
  readonly id: string
  /** The ids of objects whose facts are all in this one. */
  readonly covers: readonly string[]
  readonly headBytes: number
  readonly bodyBytes: number
  readonly plainBytes: number
  readonly codec: Codec
  readonly bodyHash: string
}

const FORMAT = {
  what: 'an object of facts',
  version: VERSION,
  bytesMax: LIMITS.factsBytesMax,
  encode: encodeBody,
  read,
} as const

/** `covers`: ids of objects all of whose facts are in these. */
export function encodeFacts(facts: Facts, covers: readonly string[]): { readonly id: string; readonly bytes: Buffer } {
  const plain = encodeBody(facts)
  if (plain.length > LIMITS.factsBytesMax) throw new RangeError(`${plain.length} bytes of facts in one object`)
  const small = compressed(plain)
  const body = small ?? plain
  const head = Buffer.alloc(FIXED_BYTES + ID_BYTES * covers.length)
  head.write(MAGIC, 0, 'latin1')
  head.writeUInt8(VERSION, 7)
  head.writeUInt32BE(covers.length, 8)
  head.writeUInt32BE(body.length, 12)
  head.writeUInt32BE(plain.length, 16)
  head.writeUInt8(small === undefined ? CODEC.plain : CODEC.zstd, 20)
  head.write(hashHex(body), 24, 'hex')
  for (const [i, id] of [...covers].sort().entries()) head.write(id, FIXED_BYTES + ID_BYTES * i, 'hex')
  return { id: hashHex(head), bytes: Buffer.concat([head, body]) }
}

/**
 * Reads the first bytes of an object, at least those in front of its body.
 * @throws CORRUPT; NEWER_FORMAT where a later efs wrote it
 */
export function decodeFactsHead(bytes: Buffer): FactsHead {
  if (bytes.length < FIXED_BYTES || bytes.toString('latin1', 0, 7) !== MAGIC) throw corrupt('it does not begin as one')
  const version = bytes.readUInt8(7)
  if (version > VERSION) {
    throw new EfsError('NEWER_FORMAT', `an object of facts has format ${version}, this efs reads up to ${VERSION}`, {
      hint: 'use a newer efs',
    })
  }
  const [count, bodyBytes, plainBytes] = [bytes.readUInt32BE(8), bytes.readUInt32BE(12), bytes.readUInt32BE(16)]
  const codec = codecOf(bytes.readUInt8(20))
  const headBytes = FIXED_BYTES + ID_BYTES * count
  if (version !== VERSION || codec === undefined || bytes.readUIntBE(21, 3) !== 0) throw corrupt('its head')
  if (count > LIMITS.factsCoveredMax || bytes.length < headBytes) throw corrupt(`it covers ${count} objects`)
  if (plainBytes > LIMITS.factsBytesMax || bodyBytes > plainBytes) throw corrupt(`it claims ${plainBytes} bytes`)
  const covers = Array.from({ length: count }, (_, i) => {
    const at = FIXED_BYTES + ID_BYTES * i
    return bytes.toString('hex', at, at + ID_BYTES)
  })
  const bodyHash = bytes.toString('hex', 24, FIXED_BYTES)
  return { id: hashHex(bytes.subarray(0, headBytes)), covers, headBytes, bodyBytes, plainBytes, codec, bodyHash }
}

/** The whole object of that id; every byte of it is checked. @throws CORRUPT, NEWER_FORMAT */
export function decodeFacts(id: string, bytes: Buffer): Facts {
  const head = decodeFactsHead(bytes)
  if (head.id !== id) throw corrupt('its head does not hash to its name')
  const body = bytes.subarray(head.headBytes)
  if (body.length !== head.bodyBytes || hashHex(body) !== head.bodyHash) throw corrupt('its body is another one')
  return decodeCanonical<Facts>(FORMAT, head.codec === CODEC.plain ? body : inflated(body, head.plainBytes))
}

function inflated(body: Uint8Array, size: number): Uint8Array {
  try {
    return decompressed(body, size)
  } catch (cause) {
    throw corrupt('it does not inflate', cause)
  }
}

function encodeBody({ packs, published }: Facts): Uint8Array {
  return encodeCbor({
    v: VERSION,
    p: packs.map(({ pack, rows }) => [bytesOfHex(pack), rows]),
    b: published.map(({ path, entries }) => [path, entries.map(({ key, manifest }) => [key, manifest])]),
  })
}

function read(map: CborMap): Facts {
  return {
    packs: listOf(map.p).map((pack) => {
      const [id, rows] = listOf(pack)
      return { pack: hexOf(id, 16), rows: bytesOf(rows) }
    }),
    published: listOf(map.b).map((bucket) => {
      const [path, entries] = listOf(bucket)
      return { path: textOf(path), entries: listOf(entries).map((entry) => readEntry(listOf(entry))) }
    }),
  }
}

function readEntry([key, manifest]: ReturnType<typeof listOf>): PublishedEntry {
  const bytes = bytesOf(manifest)
  if (bytes.length > LIMITS.manifestBytesMax) throw damaged(`a manifest of ${bytes.length} bytes`)
  return { key: objectKey(textOf(key)), manifest: bytes }
}

const corrupt = (why: string, cause?: unknown): EfsError =>
  new EfsError('CORRUPT', `an object of facts is damaged: ${why}`, { cause })
