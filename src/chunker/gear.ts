import { copyInto } from '../base/copy.js'
import { GEAR_CODE } from './gear-code.js'

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

/** The `count` bits below the highest. */
export const highBits = (count: number): number => (-1 << (32 - count)) >>> 1

/** How much is copied beside the code at once: little goes for nothing where the place is found, and it stays in the fastest cache. */
const BLOCK_BYTES = 16 * 1024

/** The types of what every Node has come with those of browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer }
      find(length: number, mask: number): number
    }
  }
}

/** The loop in WebAssembly: in JavaScript it takes four times as long. One for all that this thread cuts; gear.wat tells what stands where. */
const { memory, find } = new WebAssembly.Instance(new WebAssembly.Module(GEAR_CODE)).exports
new Int32Array(memory.buffer).set(GEAR)
const hash = new Int32Array(memory.buffer, 1024, 1)
const block = Buffer.from(memory.buffer, 2048, BLOCK_BYTES)

/** The Gear hash: for each byte, `hash = 2 * hash + GEAR[byte]` in 32 bits, so that the last 31 bytes decide on the bits below the highest. */
export class Gear {
  #hash = 0

  /** Forgets all bytes before. */
  reset(): void {
    this.#hash = 0
  }

  /** The place behind the first byte in [from, to) after which the bits of `mask` are zero; 0 where there is none. */
  find(bytes: Buffer, from: number, to: number, mask: number): number {
    hash[0] = this.#hash
    for (let at = from; at < to; at += BLOCK_BYTES) {
      const length = Math.min(BLOCK_BYTES, to - at)
      copyInto(block, 0, bytes.subarray(at, at + length))
      const taken = find(length, mask)
      if (taken > 0) return at + taken
    }
    this.#hash = hash[0] as number
    return 0
  }
}
