/** Major types of CBOR (RFC 8949, 3.1). */
const UNSIGNED = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5

const FIRST_BYTES = 1024

/**
 * Writes CBOR with the shortest head for each value, one after the other. It exists because a manifest is written for every
 * object: writing its few fixed fields in their order takes a third of the time of encoding a map.
 */
export class CborWriter {
  #out = Buffer.allocUnsafe(FIRST_BYTES)
  #at = 0

  /** What was written since the last call; a copy. */
  take(): Uint8Array {
    const written = Uint8Array.prototype.slice.call(this.#out, 0, this.#at)
    this.#at = 0
    return written
  }

  /** A safe integer of at least 0. */
  uint(value: number): void {
    this.#head(UNSIGNED, value)
  }

  /** Within 64 bits, negative ones too. */
  int(value: bigint): void {
    const [major, magnitude] = value < 0n ? [NEGATIVE, -1n - value] : [UNSIGNED, value]
    if (magnitude <= Number.MAX_SAFE_INTEGER) this.#head(major, Number(magnitude))
    else {
      this.#room(9)
      this.#out[this.#at] = (major << 5) | 27
      this.#at = this.#out.writeBigUInt64BE(magnitude, this.#at + 1)
    }
  }

  bytes(value: Uint8Array): void {
    this.#head(BYTES, value.length)
    this.#room(value.length)
    this.#out.set(value, this.#at)
    this.#at += value.length
  }

  /** Bytes that are given as hex digits. */
  hex(digits: string): void {
    const length = digits.length / 2
    this.#head(BYTES, length)
    this.#room(length)
    this.#at += this.#out.write(digits, this.#at, 'hex')
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.#head(TEXT, length)
    this.#room(length)
    this.#at += this.#out.write(value, this.#at)
  }

  /** Its items follow. */
  array(length: number): void {
    this.#head(ARRAY, length)
  }

  /** Its keys, each followed by its value, come in the order of their lengths and then bytes. */
  map(size: number): void {
    this.#head(MAP, size)
  }

  #head(major: number, value: number): void {
    this.#room(9)
    const type = major << 5
    const out = this.#out
    const at = this.#at
    if (value < 24) {
      out[at] = type | value
      this.#at = at + 1
    } else if (value < 0x100) {
      out[at] = type | 24
      this.#at = out.writeUInt8(value, at + 1)
    } else if (value < 0x1_0000) {
      out[at] = type | 25
      this.#at = out.writeUInt16BE(value, at + 1)
    } else if (value < 0x1_0000_0000) {
      out[at] = type | 26
      this.#at = out.writeUInt32BE(value, at + 1)
    } else {
      out[at] = type | 27
      out.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at + 1)
      this.#at = out.writeUInt32BE(value % 0x1_0000_0000, at + 5)
    }
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#out.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes))
    this.#out.copy(larger, 0, 0, this.#at)
    this.#out = larger
  }
}
