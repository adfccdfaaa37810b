import type { Parked } from '../model/endpoint.js'
import { compareKeys, isFolderKey, type ObjectKey } from '../model/key.js'

/** Keys, and folders with all below them, of which a listing could not tell. Asked in key order. */
export class Unknown {
  #all: Parked[]

  constructor(all: readonly Parked[] = []) {
    this.#all = [...all]
  }

  add(what: Parked): void {
    this.#all.push(what)
  }

  covers(key: ObjectKey): boolean {
    if (this.#all.length === 0) return false
    const covered = this.#all.some((one) => key === one.key || (isTree(one) && key.startsWith(one.key)))
    // What sorts before `key` and does not cover it can cover nothing that comes later.
    if (!covered) this.#all = this.#all.filter((one) => compareKeys(one.key, key) > 0)
    return covered
  }
}

const isTree = ({ key, alone }: Parked): boolean => isFolderKey(key) && !alone
