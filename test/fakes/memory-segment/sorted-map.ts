import { compareKeys } from '../../../src/model/key.js'

/** A map whose keys stand in the order of their UTF-8 bytes. */
export class SortedMap<K extends string, V> {
  readonly #keys: K[] = []
  readonly #values = new Map<K, V>()

  get(key: K): V | undefined {
    return this.#values.get(key)
  }

  set(key: K, value: V): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#first(key, false), 0, key)
    this.#values.set(key, value)
  }

  delete(key: K): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#first(key, false), 1)
  }

  values(): V[] {
    return [...this.under('')].map(([, value]) => value)
  }

  /** Entries whose keys start with `prefix` and come after `after`. A walk sees what is set ahead of it meanwhile. */
  *under(prefix: string, after?: string): Generator<[K, V]> {
    const skips = after !== undefined && compareKeys(after, prefix) >= 0
    let at = this.#first(skips ? after : prefix, skips)
    for (let key = this.#keys[at]; key?.startsWith(prefix); key = this.#keys[at]) {
      const value = this.#values.get(key)
      if (value !== undefined) yield [key, value]
      at = this.#first(key, true)
    }
  }

  /** The place of the first key that is not before `text`, or that is after it. */
  #first(text: string, isAfter: boolean): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const order = compareKeys(this.#keys[middle] ?? '', text)
      if (order < 0 || (isAfter && order === 0)) low = middle + 1
      else high = middle
    }
    return low
  }
}
