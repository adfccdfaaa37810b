/** Words of an id that are kept: with 96 bits nobody finds another id that passes for it. */
const WORDS = 3
const HEX_A_WORD = 8
const SLOTS_LEAST = 1024
/** Above that share of slots in use the table doubles. */
const FULL = 0.7

/** A set of ids, hex of at least 96 bits that are as good as random, at some 20 bytes an id. */
export class IdSet {
  #words = new Uint32Array(SLOTS_LEAST * WORDS)
  #used = new Uint8Array(SLOTS_LEAST)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(id: string): boolean {
    return this.#used[this.#slotOf(wordsOf(id))] === 1
  }

  add(id: string): void {
    if (this.#size >= this.#used.length * FULL) this.#grow()
    this.#put(wordsOf(id))
  }

  #put(words: Words): void {
    const slot = this.#slotOf(words)
    if (this.#used[slot] === 1) return
    this.#words.set(words, slot * WORDS)
    this.#used[slot] = 1
    this.#size++
  }

  /** Where the id is, or the free slot where it would be. */
  #slotOf([a, b, c]: Words): number {
    const mask = this.#used.length - 1
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      if (this.#used[slot] === 0) return slot
      const at = slot * WORDS
      if (this.#words[at] === a && this.#words[at + 1] === b && this.#words[at + 2] === c) return slot
    }
  }

  #grow(): void {
    const [words, used] = [this.#words, this.#used]
    this.#words = new Uint32Array(words.length * 2)
    this.#used = new Uint8Array(used.length * 2)
    this.#size = 0
    for (let slot = 0; slot < used.length; slot++) {
      const [a = 0, b = 0, c = 0] = words.subarray(slot * WORDS, (slot + 1) * WORDS)
      if (used[slot] === 1) this.#put([a, b, c])
    }
  }
}

type Words = readonly [number, number, number]

const wordsOf = (id: string): Words => [wordAt(id, 0), wordAt(id, 1), wordAt(id, 2)]
const wordAt = (id: string, at: number): number => Number.parseInt(id.slice(at * HEX_A_WORD, (at + 1) * HEX_A_WORD), 16)
