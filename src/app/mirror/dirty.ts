import { LIMITS } from '../../base/limits.js'
import { isFolderKey, keyFault, type ObjectKey } from '../../model/key.js'
import { Scope } from '../../transfer/scope.js'
import { IGNORE_FILE } from '../sync/filtering.js'

/** What of a directory is to be looked at, and when: once it has been left alone for a while. */
export class Dirty {
  /** Paths below the root, with when each is due. */
  readonly #paths = new Map<string, number>()
  #allMs: number | undefined

  /** Something there, or below it, may have changed; `''` is the whole directory, which a change of rules concerns too. Times are milliseconds since 1970. */
  changed(path: string, nowMs: number): void {
    const dueMs = nowMs + LIMITS.fileRestMs
    if (path === '' || path === IGNORE_FILE || this.#paths.size >= LIMITS.mirrorKeysMax) this.all(dueMs)
    if (this.#allMs === undefined) this.#paths.set(path, dueMs)
  }

  /** Everything is due then, or earlier. */
  all(dueMs: number): void {
    this.#allMs = Math.min(this.#allMs ?? dueMs, dueMs)
    this.#paths.clear()
  }

  /** When something is due. */
  get dueMs(): number {
    return this.#allMs ?? Math.min(Number.POSITIVE_INFINITY, ...this.#paths.values())
  }

  /** Whether all is due by now; it is not any more then, nor is anything else. */
  takeAll(nowMs: number): boolean {
    if (this.#allMs === undefined || this.#allMs > nowMs) return false
    this.clear()
    return true
  }

  /** All is being looked at. */
  clear(): void {
    this.#allMs = undefined
    this.#paths.clear()
  }

  /** The paths that are due by now; they are not any more then. */
  take(nowMs: number): string[] {
    const due = [...this.#paths].filter(([, dueMs]) => dueMs <= nowMs).map(([path]) => path)
    for (const path of due) this.#paths.delete(path)
    return due
  }
}

/** These paths of a directory, whatever stands or stood there, and these keys; undefined where that is everything. */
export function scopeOf(paths: readonly string[], keys: readonly ObjectKey[]): Scope | undefined {
  const trees = new Set<ObjectKey>()
  const single = new Set(keys)
  for (const path of paths) {
    // What cannot be a key is named by whoever lists its folder.
    const at = keyFault(`${path}/`) === undefined ? path : path.slice(0, Math.max(0, path.lastIndexOf('/')))
    if (at === '') return undefined
    if (!isFolderKey(at)) single.add(at as ObjectKey)
    trees.add(`${at}/` as ObjectKey)
  }
  return new Scope(single, trees)
}
