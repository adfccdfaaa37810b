import { decode, encode } from '@ipld/dag-cbor'
import { type Cbor, damaged } from './fields.js'

export const encodeCbor = (value: Cbor): Uint8Array => encode(value)

/** @throws CORRUPT where the bytes are not exactly one value in dag-cbor */
export function decodeCbor(bytes: Uint8Array): Cbor {
  try {
    return decode<Cbor>(bytes)
  } catch (cause) {
    throw damaged(`it does not decode: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
