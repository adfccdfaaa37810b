import { compareKeys, type ObjectKey } from '../model/key.js'

/** Keys, and folders with all below them, of which a listing could not tell. Asked in key order. */
export class Unknown {
  #keys: ObjectKey[] = []

  add(key: ObjectKey): void {
    this.#keys.push(key)
  }

  covers(key: ObjectKey): boolean {
    if (this.#keys.length === 0) return false
    const covered = this.#keys.some((one) => key === one || (one.endsWith('/') && key.startsWith(one)))
    // What sorts before `key` and does not cover it can cover nothing that comes later.
    if (!covered) this.#keys = this.#keys.filter((one) => compareKeys(one, key) > 0)
    return covered
  }
}
