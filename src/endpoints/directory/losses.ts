import type { BigIntStats } from 'node:fs'
import type { NotKept } from '../../model/endpoint.js'

type What = 'hard links' | 'special files' | 'owners'

/** Counts what is not kept, and remembers one name of each kind. */
export class Losses {
  readonly #counts = new Map<What, { count: number; first: string }>()
  readonly #owner: bigint | undefined

  constructor() {
    const uid = process.getuid?.()
    this.#owner = uid === undefined ? undefined : BigInt(uid)
  }

  add(what: What, key: string): void {
    const known = this.#counts.get(what)
    if (known) known.count++
    else this.#counts.set(what, { count: 1, first: key })
  }

  /** What is lost of a file that is otherwise kept. */
  look(stat: BigIntStats, key: string): void {
    if (stat.nlink > 1n && !stat.isDirectory()) this.add('hard links', key)
    if (this.#owner !== undefined && stat.uid !== this.#owner) this.add('owners', key)
  }

  list(): NotKept[] {
    return [...this.#counts].map(([what, { count, first }]) => ({ what, count, first }))
  }
}
