import { endianness } from 'node:os'

/** Part of the cutting rule: another seed would cut every file elsewhere and find nothing known. "efs" in ASCII, then 1. */
const SEED = 0x65667301

/**
 * The Gear table: 256 numbers of 32 bits, each the finalizer of MurmurHash3 over the seed plus a multiple of the golden
 * ratio. Every efs has the same.
 */
export const GEAR: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let x = (SEED + Math.imul(index + 1, 0x9e3779b9)) | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
})

/** For the first byte of two that are taken in one step. */
const TWICE = GEAR.map((x) => x << 1)

/** Where the bytes of a word stand, first to last. */
const [S0, S1, S2, S3] = endianness() === 'LE' ? ([0, 8, 16, 24] as const) : ([24, 16, 8, 0] as const)

/** The `count` bits below the highest, which is gone where two bytes are taken in one step. */
export const highBits = (count: number): number => (-1 << (32 - count)) >>> 1

/**
 * The Gear hash: for each byte, `hash = 2 * hash + GEAR[byte]` in 32 bits, so that the last 31 bytes decide. The loop
 * takes a word of four bytes at once: byte by byte costs a third more.
 */
export class Gear {
  #hash = 0
  #buffer: ArrayBufferLike | undefined
  #words: Uint32Array = new Uint32Array(0)

  /** Forgets all bytes before. */
  reset(): void {
    this.#hash = 0
  }

  /** The place behind the first byte in [from, to) after which the bits of `mask` are zero; 0 where there is none. */
  find(bytes: Buffer, from: number, to: number, mask: number): number {
    const words = this.#wordsOf(bytes)
    const base = bytes.byteOffset
    const aligned = Math.min(to, from + (-(base + from) & 3))
    const head = this.#step(bytes, from, aligned, mask)
    if (head > 0) return head
    const first = mask << 1
    const end = to - 3
    let hash = this.#hash
    let at = aligned
    for (; at < end; at += 4) {
      const word = words[(base + at) >> 2] as number
      const hash1 = ((hash << 2) + (TWICE[(word >>> S0) & 255] as number)) | 0
      const hash2 = (hash1 + (GEAR[(word >>> S1) & 255] as number)) | 0
      const hash3 = ((hash2 << 2) + (TWICE[(word >>> S2) & 255] as number)) | 0
      hash = (hash3 + (GEAR[(word >>> S3) & 255] as number)) | 0
      if ((hash1 & first) === 0) return at + 1
      if ((hash2 & mask) === 0) return at + 2
      if ((hash3 & first) === 0) return at + 3
      if ((hash & mask) === 0) return at + 4
    }
    this.#hash = hash
    return this.#step(bytes, at, to, mask)
  }

  #step(bytes: Buffer, from: number, to: number, mask: number): number {
    for (let at = from; at < to; at++) {
      this.#hash = ((this.#hash << 1) + (GEAR[bytes[at] as number] as number)) | 0
      if ((this.#hash & mask) === 0) return at + 1
    }
    return 0
  }

  /** The words of the memory that the bytes are in, whose start is always at a word. */
  #wordsOf(bytes: Buffer): Uint32Array {
    if (this.#buffer !== bytes.buffer) {
      this.#buffer = bytes.buffer
      this.#words = new Uint32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2)
    }
    return this.#words
  }
}
