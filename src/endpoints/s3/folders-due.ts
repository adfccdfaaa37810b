import { LIMITS } from '../../base/limits.js'
import type { ObjectKey } from '../../model/key.js'

/** New folders in which nothing is yet: those that stay so get a marker. */
export class FoldersDue {
  readonly #due = new Set<ObjectKey>()

  add(folder: ObjectKey): void {
    this.#due.add(folder)
  }

  /** Something is under this key: its folders are there by that. */
  fill(key: string): void {
    if (this.#due.size === 0) return
    for (let end = key.indexOf('/'); end >= 0 && end < key.length - 1; end = key.indexOf('/', end + 1)) {
      this.#due.delete(key.slice(0, end + 1) as ObjectKey)
    }
  }

  /** The oldest, where there are too many to remember; a marker beside content does no harm. */
  takeExcess(): ObjectKey[] {
    return this.#take(this.#due.size - LIMITS.s3FoldersDueMax)
  }

  /** All that are empty; of one in another, the inner one says it for both. */
  takeAll(): ObjectKey[] {
    for (const folder of this.#due) this.fill(folder)
    return this.#take(this.#due.size)
  }

  #take(count: number): ObjectKey[] {
    const taken = [...this.#due].slice(0, Math.max(0, count))
    for (const folder of taken) this.#due.delete(folder)
    return taken
  }
}
