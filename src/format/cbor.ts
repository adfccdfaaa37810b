import { decodeOptions, encode } from '@ipld/dag-cbor'
import { decode, type Token, Tokenizer, Type } from 'cborg'

export type Cbor =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Cbor[]
  | { readonly [key: string]: Cbor }

export const encodeCbor = (value: Cbor): Uint8Array => encode(value)

const exact = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** How many bytes stand in front of a text, by the low five bits of its first byte (RFC 8949, 3). */
const headBytes = (first: number): number => (first < 24 ? 1 : 1 + 2 ** (first - 24))

/**
 * Reads each text exactly as it stands. The plain tokenizer drops a leading U+FEFF, which a file's name may well have, and
 * puts U+FFFD in the place of what is no UTF-8.
 */
class ExactTokenizer extends Tokenizer {
  override next(): Token {
    const start = this.pos()
    const token = super.next()
    if (token.type !== Type.string) return token
    const from = start + headBytes((this.data[start] ?? 0) & 31)
    if (!isAscii(this.data, from, this.pos())) token.value = exact.decode(this.data.subarray(from, this.pos()))
    return token
  }
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) > 0x7f) return false
  return true
}

/** @throws where the bytes are not exactly one value in dag-cbor, texts in UTF-8 */
export function readCbor(bytes: Uint8Array): Cbor {
  // A Buffer's `slice` would lend its memory to the values instead of copying.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return decode(plain, { ...decodeOptions, tokenizer: new ExactTokenizer(plain, decodeOptions) })
}
