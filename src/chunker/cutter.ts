import { LIMITS } from '../base/limits.js'
import type { Chunking } from '../model/settings.js'
import { Gear, highBits } from './gear.js'
import { holeStart, zerosEnd } from './zeros.js'

export interface Piece {
  readonly length: number
  /** Zeros that are neither stored nor written. */
  readonly hole: boolean
}

/** Normalised chunking: before the average a cut needs this many more bits, after it this many fewer. */
const NORMAL_BITS = 2

/**
 * Cuts one object from its first byte to its last. Where it cuts depends on the bytes alone, never on how they arrive.
 *
 * `fastcdc`: the holes are the runs of at least LIMITS.holeBytesMin zeros; what lies between is cut where a hash of the
 * last 31 bytes has enough zero bits below its highest, from half the average to LIMITS.chunkSpread times it.
 * `fixed`: cuts at multiples of the size; a block of zeros is a hole.
 */
export class Cutter {
  /** As many bytes are enough for `cut` to decide. */
  readonly lookAhead: number
  readonly #fixed: boolean
  readonly #average: number
  readonly #least: number
  readonly #most: number
  readonly #strict: number
  readonly #loose: number
  readonly #gear = new Gear()
  /** The last piece was a hole that reached the end of the bytes: zeros that follow belong to it. */
  #inHole = false
  /** So many bytes after the last cut hold no start of a hole. */
  #clear = 0

  constructor({ kind, bytes }: Chunking) {
    const bits = Math.log2(bytes)
    this.#fixed = kind === 'fixed'
    this.#average = bytes
    this.#least = bytes / LIMITS.chunkLeastDivisor
    this.#most = bytes * LIMITS.chunkSpread
    this.#strict = highBits(bits + NORMAL_BITS)
    this.#loose = highBits(bits - NORMAL_BITS)
    this.lookAhead = this.#fixed ? bytes : this.#most + LIMITS.holeBytesMin
  }

  /**
   * The next piece of the bytes in [start, end), which begin where the last piece ended; undefined where more bytes are
   * needed. `final`: the object ends at `end`. At least one byte is there.
   */
  cut(bytes: Buffer, start: number, end: number, final: boolean): Piece | undefined {
    if (this.#fixed) return this.#cutFixed(bytes, start, end, final)
    const hole = this.#hole(bytes, start, end)
    if (hole > 0) return { length: hole, hole: true }
    if (!final && end - start < this.lookAhead) return undefined
    const until = Math.min(end, start + this.#most)
    const searched = Math.min(until, start + this.#clear)
    const limit = holeStart(bytes, searched, until, end)
    const length = this.#gearCut(bytes, start, limit) - start
    this.#clear = limit - start - length
    return { length, hole: false }
  }

  #cutFixed(bytes: Buffer, start: number, end: number, final: boolean): Piece | undefined {
    const length = Math.min(this.#average, end - start)
    if (length < this.#average && !final) return undefined
    return { length, hole: zerosEnd(bytes, start, start + length) === start + length }
  }

  /** How many bytes at `start` are of a hole. */
  #hole(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] !== 0) {
      this.#inHole = false
      return 0
    }
    if (!this.#inHole && this.#clear > 0) return 0
    const stop = zerosEnd(bytes, start, end)
    if (!this.#inHole && stop - start < LIMITS.holeBytesMin) return 0
    this.#inHole = stop === end
    this.#clear = 0
    return stop - start
  }

  #gearCut(bytes: Buffer, start: number, limit: number): number {
    const least = Math.min(limit, start + this.#least)
    const normal = Math.min(limit, start + this.#average)
    this.#gear.reset()
    return (
      this.#gear.find(bytes, least, normal, this.#strict) || this.#gear.find(bytes, normal, limit, this.#loose) || limit
    )
  }
}
