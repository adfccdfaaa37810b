const PAGE_BITS = 1 << 16

/** A set of dense numbers, a bit each: pages of 8 KiB that exist where a number is in. */
export class Marks {
  readonly #pages = new Map<number, Uint8Array>()

  has(dense: number): boolean {
    const page = this.#pages.get(Math.floor(dense / PAGE_BITS))
    return page !== undefined && ((page[(dense % PAGE_BITS) >> 3] ?? 0) & (1 << (dense & 7))) !== 0
  }

  /** False where it was in already. */
  add(dense: number): boolean {
    if (this.has(dense)) return false
    const at = Math.floor(dense / PAGE_BITS)
    const page = this.#pages.get(at) ?? new Uint8Array(PAGE_BITS / 8)
    this.#pages.set(at, page)
    page[(dense % PAGE_BITS) >> 3] = (page[(dense % PAGE_BITS) >> 3] ?? 0) | (1 << (dense & 7))
    return true
  }
}
