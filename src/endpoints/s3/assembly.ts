import { LIMITS } from '../../base/limits.js'

/** Bytes of one part that came in. */
interface Part {
  readonly bytes: Buffer
  filled: number
}

/** Sends part `number`, from 1. */
export type SendPart = (number: number, bytes: Buffer) => Promise<void>

/**
 * An object whose slices come in, in any order, and go out as parts: each as soon as it is whole. What no slice wrote is
 * zeros, which only the end tells; when too many parts are open the first of them goes as it is.
 */
export class Assembly {
  readonly #parts = new Map<number, Part>()
  readonly #sent = new Set<number>()
  /** Of parts that were sent. New memory costs more than the copy into it. */
  readonly #free: Buffer[] = []
  /** A slice came for a part that had gone: the object is not to be completed. */
  broken = false

  constructor(
    readonly size: number,
    readonly partBytes: number,
    readonly send: SendPart,
  ) {}

  get count(): number {
    return Math.max(1, Math.ceil(this.size / this.partBytes))
  }

  /** Settles when what became whole by it has been sent. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const whole: Promise<void>[] = []
    for (let at = 0; at < bytes.length; ) {
      const index = Math.floor((offset + at) / this.partBytes)
      const place = offset + at - index * this.partBytes
      const piece = bytes.subarray(at, at + this.partBytes - place)
      at += piece.length
      if (this.#sent.has(index)) this.broken = true
      else {
        const part = this.#part(index)
        part.bytes.set(piece, place)
        part.filled += piece.length
        if (part.filled === part.bytes.length) whole.push(this.#go(index))
      }
    }
    while (this.#parts.size > LIMITS.s3PartsOpenMax) whole.push(this.#go(Math.min(...this.#parts.keys())))
    await Promise.all(whole)
  }

  /** Sends what was not sent, a few at a time. */
  async end(): Promise<void> {
    for (let index = 0; index < this.count; ) {
      const some: Promise<void>[] = []
      for (; index < this.count && some.length < LIMITS.s3PartsAtOnce; index++) {
        if (!this.#sent.has(index)) some.push(this.#go(index))
      }
      await Promise.all(some)
    }
  }

  #part(index: number): Part {
    const known = this.#parts.get(index)
    if (known !== undefined) return known
    const length = Math.max(0, Math.min(this.partBytes, this.size - index * this.partBytes))
    const free = this.#free.pop()?.fill(0) ?? Buffer.alloc(Math.min(this.partBytes, this.size))
    const part = { bytes: free.subarray(0, length), filled: 0 }
    this.#parts.set(index, part)
    return part
  }

  async #go(index: number): Promise<void> {
    const { bytes } = this.#part(index)
    this.#parts.delete(index)
    this.#sent.add(index)
    await this.send(index + 1, bytes)
    if (bytes.length === this.partBytes) this.#free.push(bytes)
  }
}
