/**
 * Memory that is used again. Fresh memory costs a fault for each of its pages, which for a buffer of some MiB takes several
 * times as long as filling it.
 */
export class SpareBuffers {
  readonly #spare: Buffer[] = []

  /** Keeps up to `most` buffers of `bytes` each. */
  constructor(
    readonly bytes: number,
    readonly most: number,
  ) {}

  /** What it holds is arbitrary. Where it is not given back it is garbage like any other. */
  take(length: number): Buffer {
    if (length > this.bytes || length < this.bytes / 16) return Buffer.allocUnsafe(length)
    return (this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.bytes)).subarray(0, length)
  }

  /** Nobody may look at it, or at a view of it, from then on. */
  give({ buffer }: Buffer): void {
    if (buffer.byteLength !== this.bytes || this.#spare.length >= this.most) return
    this.#spare.push(Buffer.from(buffer, 0, this.bytes))
  }
}
