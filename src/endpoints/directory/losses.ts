import type { BigIntStats } from 'node:fs'
import type { NotKept } from '../../model/endpoint.js'

type What = 'hard links' | 'special files' | 'owners' | 'set-uid or set-gid bits' | 'extended attributes'

export type Lost = NotKept & { readonly what: What }

/** Counts what is not kept, and remembers one name of each kind. */
export class Losses {
  readonly #counts = new Map<What, { count: number; first: string }>()
  readonly #owner: bigint | undefined

  constructor() {
    const uid = process.getuid?.()
    this.#owner = uid === undefined ? undefined : BigInt(uid)
  }

  add(what: What, key: string, count = 1): void {
    const known = this.#counts.get(what)
    if (known) known.count += count
    else this.#counts.set(what, { count, first: key })
  }

  addXattrs(key: string, names: readonly string[]): void {
    if (names.length > 0) this.add('extended attributes', `${names[0]} of ${key}`, names.length)
  }

  /** What is lost of a file that is otherwise kept. */
  look(stat: BigIntStats, key: string): void {
    if (stat.nlink > 1n && !stat.isDirectory()) this.add('hard links', key)
    if (this.#owner !== undefined && stat.uid !== this.#owner) this.add('owners', key)
  }

  addAll(lost: readonly Lost[]): void {
    for (const { what, count, first } of lost) this.add(what, first, count)
  }

  list(): Lost[] {
    return [...this.#counts].map(([what, { count, first }]) => ({ what, count, first }))
  }

  /** What was added since the last call. */
  take(): Lost[] {
    const lost = this.list()
    this.#counts.clear()
    return lost
  }
}
