import { EfsError } from '../base/errors.js'
import { compareKeys } from '../model/key.js'
import { type Cbor, readCbor } from './cbor.js'

/*
 * What the dag-cbor formats (manifests, log records) have in common: a map with its format's version in `v`, ids as bytes,
 * and records of free names as lists of [name, value] in the order of the names' UTF-8 bytes.
 */
export type CborMap = Readonly<Record<string, Cbor>>

/** How one dag-cbor format is written and read. `version` is the highest that is known. `read` may throw `damaged`. */
export interface CborFormat<T> {
  /** What it is, for messages: `a manifest`. */
  readonly what: string
  readonly version: number
  readonly bytesMax: number
  readonly encode: (value: T) => Uint8Array
  readonly read: (map: CborMap) => T
}

/**
 * Only the bytes that `encode` would write are read, so a value has one encoding, and fields that the format does not know
 * are damage.
 * @throws CORRUPT; NEWER_FORMAT where a later efs wrote them
 */
export function decodeCanonical<T>(format: CborFormat<T>, bytes: Uint8Array): T {
  try {
    if (bytes.length > format.bytesMax) throw damaged(`it has ${bytes.length} bytes`)
    const map = mapOf(readCbor(bytes))
    const version = wholeOf(map.v)
    if (version > format.version) {
      throw new EfsError(
        'NEWER_FORMAT',
        `${format.what} has format ${version}, this efs reads up to ${format.version}`,
        { hint: 'use a newer efs' },
      )
    }
    if (version < 1) throw damaged(`it has format ${version}`)
    const value = format.read(map)
    if (Buffer.compare(format.encode(value), bytes) !== 0) throw damaged('it is not in its canonical form')
    return value
  } catch (cause) {
    if (cause instanceof EfsError && cause.code === 'NEWER_FORMAT') throw cause
    const why = cause instanceof EfsError ? cause.message : 'it does not decode'
    throw new EfsError('CORRUPT', `${format.what} is damaged: ${why}`, { cause })
  }
}

/** @throws CORRUPT where the bytes are not exactly one value in dag-cbor */
export function decodeCbor(bytes: Uint8Array): Cbor {
  try {
    return readCbor(bytes)
  } catch (cause) {
    throw damaged(`it does not decode: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

export const damaged = (why: string): EfsError => new EfsError('CORRUPT', why)

export function mapOf(value: Cbor | undefined): CborMap {
  if (!isMap(value)) throw damaged('a map is missing')
  return value
}

const isMap = (value: Cbor | undefined): value is CborMap =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

export function listOf(value: Cbor | undefined): readonly Cbor[] {
  if (!Array.isArray(value)) throw damaged('a list is missing')
  return value
}

/** An integer from 0 on that a double holds exactly. */
export function wholeOf(value: Cbor | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw damaged('a number is missing')
  return value
}

export function textOf(value: Cbor | undefined): string {
  if (typeof value !== 'string') throw damaged('a text is missing')
  return value
}

export function bytesOf(value: Cbor | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw damaged('bytes are missing')
  return value
}

/** An id or GUID of so many bytes, as lowercase hex digits. */
export function hexOf(value: Cbor | undefined, bytes: 16 | 32): string {
  const id = bytesOf(value)
  if (id.length !== bytes) throw damaged(`an id of ${id.length} bytes where ${bytes} belong`)
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex')
}

/** The inverse of `hexOf`. */
export const bytesOfHex = (digits: string): Uint8Array => Buffer.from(digits, 'hex')

export const pairsOf = (record: CborMap): Cbor => Object.entries(record).sort(([a], [b]) => compareKeys(a, b))

/** The inverse of `pairsOf`. */
export function recordOf<T>(value: Cbor | undefined, read: (value: Cbor | undefined) => T): Record<string, T> {
  return Object.fromEntries(listOf(value).map((pair): [string, T] => [textOf(listOf(pair)[0]), read(listOf(pair)[1])]))
}
