import { Blake3Hasher, blake3 } from '@napi-rs/blake-hash'

/** BLAKE3-256 of no bytes, in hex: what needs only this loads nothing native. */
export const HASH_OF_NOTHING = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'

/** BLAKE3-256 of the bytes, as a 32-byte buffer. */
export const hashBytes = (bytes: Uint8Array): Buffer => blake3(bytes)

/** BLAKE3-256 of the bytes, as 64 lowercase hex digits. */
export const hashHex = (bytes: Uint8Array): string => blake3(bytes).toString('hex')

/** The first 4 bytes of a BLAKE3-256, as a number: a checksum that costs nothing where the hash is known. */
export const sumOf = (bytes: Uint8Array): number => hashBytes(bytes).readUInt32BE(0)
export const sumOfHash = (hex: string): number => Number.parseInt(hex.slice(0, 8), 16)

/** BLAKE3-256 of a stream. One use: `update` in order, then `digest` once. */
export class StreamHash {
  readonly #hasher = new Blake3Hasher()

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes)
  }

  digestHex(): string {
    return this.#hasher.digest('hex')
  }
}
