import { LIMITS } from '../../base/limits.js'

/** A shift: names stand in blocks of so many bytes, and a name's place is its block's number and its offset there. */
const BLOCK_BITS = 16
const BLOCK_BYTES = 1 << BLOCK_BITS
/** Most folders are small. */
const FIRST_BLOCK_BYTES = 1024
/** Of UTF-8, with the `/` of a folder and the NUL that ends each. */
const NAME_BYTES_MAX = 3 * LIMITS.nameBytesMax + 2

/** All of a list, to go on with in another thread. */
export interface NameParts {
  readonly blocks: readonly Uint8Array[]
  readonly places: readonly number[]
  readonly end: number
}

/**
 * The names of one folder, without a NUL in any. They stand outside of the heap, where they take their own length and
 * what a number takes: a million strings would cost ten times that, once the heap has grown around them.
 */
export class NameList {
  readonly #blocks: Buffer[] = []
  #places: number[] = []
  #end = 0

  static of({ blocks, places, end }: NameParts): NameList {
    const list = new NameList()
    for (const { buffer, byteOffset, length } of blocks) list.#blocks.push(Buffer.from(buffer, byteOffset, length))
    list.#places = [...places]
    list.#end = end
    return list
  }

  /** They are the list's own. */
  get parts(): NameParts {
    return { blocks: this.#blocks, places: this.#places, end: this.#end }
  }

  get length(): number {
    return this.#places.length
  }

  add(name: string): void {
    const block = this.#room()
    this.#places.push(((this.#blocks.length - 1) << BLOCK_BITS) + this.#end)
    this.#end += block.write(name, this.#end)
    block[this.#end++] = 0
  }

  /** By their UTF-8 bytes, which is the order of keys. */
  sort(): void {
    const blocks = this.#blocks
    this.#places.sort((a, b) => {
      const left = blocks[a >>> BLOCK_BITS]
      const right = blocks[b >>> BLOCK_BITS]
      if (left === undefined || right === undefined) return 0
      return compareNames(left, a & (BLOCK_BYTES - 1), right, b & (BLOCK_BYTES - 1))
    })
  }

  at(index: number): string | undefined {
    const place = this.#places[index]
    if (place === undefined) return undefined
    const start = place & (BLOCK_BYTES - 1)
    const block = this.#blocks[place >>> BLOCK_BITS]
    return block?.toString('utf8', start, block.indexOf(0, start))
  }

  #room(): Buffer {
    const last = this.#blocks.at(-1)
    if (last !== undefined && this.#end + NAME_BYTES_MAX <= last.length) return last
    const next = Buffer.allocUnsafeSlow(last === undefined ? FIRST_BLOCK_BYTES : BLOCK_BYTES)
    this.#blocks.push(next)
    this.#end = 0
    return next
  }
}

function compareNames(left: Buffer, a: number, right: Buffer, b: number): number {
  for (let i = 0; ; i++) {
    const x = left[a + i] ?? 0
    const y = right[b + i] ?? 0
    if (x !== y) return x - y
    if (x === 0) return 0
  }
}
