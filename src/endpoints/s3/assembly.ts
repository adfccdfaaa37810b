import { firstFrom } from '../../base/first-from.js'
import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import { isCopied, type Part } from './parts.js'

/** Bytes of one part that came in. */
interface Filling {
  readonly bytes: Buffer
  filled: number
}

/** Sends part `number`, from 1. */
export type SendPart = (number: number, bytes: Buffer, options: CallOptions) => Promise<void>

/**
 * An object whose slices come in, in any order, and go out as parts: each as soon as it is whole. What no slice wrote is
 * zeros, which only the end tells; when too many parts are open the first of them goes as it is. What slices have of parts that are
 * copied is left out.
 */
export class Assembly {
  readonly #open = new Map<number, Filling>()
  readonly #sent = new Set<number>()
  /** Of parts that were sent. New memory costs more than the copy into it. */
  readonly #free: Buffer[] = []
  /** A slice came for a part that had gone: the object is not to be completed. */
  broken = false

  readonly #bytesMost: number

  /** `parts`: all of the object, in order. */
  constructor(
    readonly parts: readonly Part[],
    readonly send: SendPart,
  ) {
    this.#bytesMost = Math.max(...parts.map((part) => (isCopied(part) ? 0 : part.length)))
  }

  /** Settles when what became whole by it has been sent. */
  async write(offset: number, bytes: Uint8Array, options: CallOptions = {}): Promise<void> {
    const whole: Promise<void>[] = []
    let index = firstFrom(this.parts, (part) => part.offset > offset) - 1
    for (let at = 0; at < bytes.length; index++) {
      const part = this.#part(index)
      const place = offset + at - part.offset
      const piece = bytes.subarray(at, at + part.length - place)
      at += piece.length
      if (isCopied(part)) continue
      if (this.#sent.has(index)) this.broken = true
      else {
        const filling = this.#filling(index)
        filling.bytes.set(piece, place)
        filling.filled += piece.length
        if (filling.filled === part.length) whole.push(this.#go(index, options))
      }
    }
    while (this.#open.size > LIMITS.s3PartsOpenMax) whole.push(this.#go(Math.min(...this.#open.keys()), options))
    await Promise.all(whole)
  }

  /** Sends what was not sent, a few at a time. */
  async end(options: CallOptions = {}): Promise<void> {
    for (let index = 0; index < this.parts.length; ) {
      const some: Promise<void>[] = []
      for (; index < this.parts.length && some.length < LIMITS.s3PartsAtOnce; index++) {
        if (!this.#sent.has(index) && !isCopied(this.#part(index))) some.push(this.#go(index, options))
      }
      await Promise.all(some)
    }
  }

  #part(index: number): Part {
    const part = this.parts[index]
    if (part === undefined) throw new RangeError('a slice beyond the object')
    return part
  }

  #filling(index: number): Filling {
    const known = this.#open.get(index)
    if (known !== undefined) return known
    const free = this.#free.pop()?.fill(0) ?? Buffer.alloc(this.#bytesMost)
    const filling = { bytes: free.subarray(0, this.#part(index).length), filled: 0 }
    this.#open.set(index, filling)
    return filling
  }

  async #go(index: number, options: CallOptions): Promise<void> {
    const { bytes } = this.#filling(index)
    this.#open.delete(index)
    this.#sent.add(index)
    await this.send(index + 1, bytes, options)
    this.#free.push(Buffer.from(bytes.buffer, bytes.byteOffset, this.#bytesMost))
  }
}
