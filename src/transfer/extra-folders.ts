import type { ObjectKey } from '../model/key.js'
import type { Step } from '../model/transfer.js'

type Delete = Extract<Step, { kind: 'delete' }>

/**
 * Deletes of folders in a plain sink, held back until all below them has passed: there a folder has to stay where the
 * source has something below it, though it has no folder of that name, and goes after what it holds.
 */
export class ExtraFolders {
  #held: Delete[] = []

  hold(step: Delete): void {
    this.#held.push(step)
  }

  /** Called with every key, in order, before anything is held for it: gives the steps that are now decided, innermost first. */
  pass(key: ObjectKey, isHere: boolean): Step[] {
    if (this.#held.length === 0) return []
    const past = this.#held.findIndex((folder) => !key.startsWith(folder.key))
    const decided: Step[] = past < 0 ? [] : this.#held.splice(past).reverse()
    if (isHere) for (const folder of this.#held.splice(0)) decided.push({ kind: 'keep', key: folder.key, why: 'extra' })
    return decided
  }

  /** After the last key. */
  end(): Step[] {
    return this.#held.splice(0).reverse()
  }
}
