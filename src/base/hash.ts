import blake from '@napi-rs/blake-hash'

/** BLAKE3-256 of the bytes, as a 32-byte buffer. */
export const hashBytes = (bytes: Uint8Array): Buffer => blake.blake3(bytes)

/** BLAKE3-256 of the bytes, as 64 lowercase hex digits. */
export const hashHex = (bytes: Uint8Array): string => blake.blake3(bytes).toString('hex')

/** BLAKE3-256 of a stream. One use: `update` in order, then `digest` once. */
export class StreamHash {
  readonly #hasher = new blake.Blake3Hasher()

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes)
  }

  digestHex(): string {
    return this.#hasher.digest('hex')
  }
}
