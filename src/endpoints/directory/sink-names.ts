import { type BigIntStats, lstatSync, mkdirSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { LIMITS } from '../../base/limits.js'
import { isTemporary } from '../../base/temporary.js'
import { isFolderKey, keyFault, ROOT_FOLDER } from '../../model/key.js'
import { kindOf } from './fingerprint.js'
import { HeldFolder } from './held-folder.js'
import type { Opened } from './opened.js'
import { pathOf } from './paths.js'
import { Spelling } from './spelling.js'

/** Why an object with this key has no place in a directory, or undefined when it has one. */
export function nameFault(key: string, folder: boolean): string | undefined {
  if (key === ROOT_FOLDER) return undefined
  const fault = keyFault(key)
  if (fault !== undefined) return fault
  if (isFolderKey(key) !== folder) return folder ? 'a folder needs a / at its end' : 'a / at the end names a folder'
  for (const part of (folder ? key.slice(0, -1) : key).split('/')) {
    if (part === '') return 'it starts with / or has two in a row: a path cannot say that'
    if (Buffer.byteLength(part) > LIMITS.nameBytesMax) {
      return `a part of it has ${Buffer.byteLength(part)} bytes, at most ${LIMITS.nameBytesMax} fit in a file's name`
    }
    if (isTemporary(part)) return 'it is named like what efs writes for itself'
  }
  return undefined
}

export const look = (at: string): BigIntStats | undefined => lstatSync(at, { bigint: true, throwIfNoEntry: false })

/** What stands where something else should. */
export function inTheWay(stat: BigIntStats, shown: string): string {
  const kind = kindOf(stat)
  const what = kind === 'link' ? 'a symbolic link' : kind === undefined ? 'a special file' : `a ${kind}`
  return `${shown} is in the way: it is ${what}`
}

/** The folders that keys go into: looked at before use, never through a link, made where they are missing. */
export class Parents {
  readonly #root: string
  readonly #held: HeldFolder
  readonly spelling = new Spelling()
  /** Keys of folders that were seen to be folders. */
  readonly #known = new Set<string>()
  /** Paths of the folders whose names changed. */
  readonly touched: Set<string>
  readonly #opened: Opened

  constructor(root: string, opened: Opened, touched = new Set<string>()) {
    this.#root = root
    this.#opened = opened
    this.#held = new HeldFolder(root)
    this.touched = touched
  }

  /** Where a key is, as in `HeldFolder`. */
  at(key: string): string {
    return this.#held.at(key)
  }

  look(key: string): BigIntStats | undefined {
    return look(this.at(key))
  }

  /** Of what stands there: why the key cannot, as in `Spelling`. */
  twin(key: string): string | undefined {
    return this.spelling.twin(pathOf(this.#root, key))
  }

  /** Of what was just placed: why it is not what was placed, as in `Spelling`. */
  lost(key: string): string | undefined {
    return this.spelling.lost(pathOf(this.#root, key))
  }

  isExact(key: string): boolean {
    return this.spelling.isExact(pathOf(this.#root, key))
  }

  /** Changes the name of a key. */
  change(key: string, change: (at: string) => void): void {
    const at = this.at(key)
    const folder = path.dirname(pathOf(this.#root, key))
    this.#opened.writable(folder, path.dirname(at), () => change(at))
    this.touched.add(folder)
  }

  /** Somebody else may have had their turn: folders are entered anew. */
  release(): void {
    this.#held.close()
  }

  /** Why the key's parent cannot be used, or undefined when it can. Makes it, with `make`. */
  fault(key: string, make: boolean): string | undefined {
    for (let end = key.indexOf('/'); end >= 0 && end < key.length - 1; end = key.indexOf('/', end + 1)) {
      const folder = key.slice(0, end + 1)
      if (this.#known.has(folder)) continue
      const stat = this.look(folder)
      if (stat === undefined) {
        if (!make) return `${folder} is not there`
        const lost = this.make(folder)
        if (lost !== undefined) return `${folder}: ${lost}`
      } else if (!stat.isDirectory()) return inTheWay(stat, folder.slice(0, -1))
      else {
        const twin = this.twin(folder)
        if (twin !== undefined) return `${folder}: ${twin}`
      }
      this.#known.add(folder)
    }
    return undefined
  }

  /** Makes a folder. Gives why it does not have the name that it was given; then it is gone again. */
  make(folder: string, mode = 0o777): string | undefined {
    this.change(folder, (at) => mkdirSync(at, { mode }))
    const lost = this.look(folder) && this.lost(folder)
    if (lost !== undefined) rmdirSync(this.at(folder))
    return lost
  }
}
