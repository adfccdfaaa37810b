import { chmodSync, statSync } from 'node:fs'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import type { Done } from '../../model/endpoint.js'
import { compareKeys, type ObjectKey, objectKey, ROOT_FOLDER } from '../../model/key.js'
import type { Attributes } from '../../model/manifest.js'
import { pathOf } from './paths.js'

/** A folder, and what it is to be like. */
export interface Folder {
  readonly key: ObjectKey
  readonly attributes: Attributes
}

/** The folders below a root whose modes forbade writing, and give way until the run ends. */
export class Opened {
  readonly #root: string
  /** By their paths. */
  readonly #modes = new Map<string, number>()

  constructor(root: string) {
    this.#root = root
  }

  /** Changes a name in a folder, whose mode may forbid it. `at`: by what it is reached now. */
  writable<T>(folder: string, at: string, change: () => T): T {
    try {
      return change()
    } catch (error) {
      const mode = (statSync(at, { throwIfNoEntry: false })?.mode ?? 0) & 0o7777
      if (systemCode(error) !== 'EACCES' || (mode & 0o300) === 0o300) throw error
      if (!isOpened(at, mode | 0o700)) throw error
      this.#modes.set(folder, mode)
      return change()
    }
  }

  /** The folders of a run: one that has a mode there does not get its own again. */
  async *among(pages: AsyncIterable<readonly Done[]>): AsyncGenerator<Folder[]> {
    for await (const page of pages) {
      yield page.map(({ key, content }) => {
        const { attributes } = 'manifest' in content ? content.manifest : content
        if (attributes.mode !== undefined) this.#modes.delete(path.resolve(pathOf(this.#root, key)))
        return { key, attributes }
      })
    }
  }

  /** Hands out those that are left, with their modes, in key order. */
  take(): Folder[] {
    const left = [...this.#modes].map(([folder, mode]) => ({ key: this.#keyOf(folder), attributes: { mode } }))
    this.#modes.clear()
    return left.sort((a, b) => compareKeys(a.key, b.key))
  }

  #keyOf(folder: string): ObjectKey {
    return folder === this.#root ? ROOT_FOLDER : objectKey(`${path.relative(this.#root, folder)}/`)
  }
}

/** Whether the folder has that mode now; it has not where it is somebody else's. */
function isOpened(folder: string, mode: number): boolean {
  try {
    chmodSync(folder, mode)
    return true
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return false
  }
}
