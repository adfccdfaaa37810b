import { type BigIntStats, chmodSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { isFolderKey, keyFault, ROOT_FOLDER } from '../../model/key.js'
import { kindOf } from './fingerprint.js'
import { pathOf } from './paths.js'
import { Spelling } from './spelling.js'
import { isTemporary } from './temporary.js'

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
  readonly spelling = new Spelling()
  /** Keys of folders that were seen to be folders. */
  readonly #known = new Set<string>()
  /** Paths of the folders whose names changed. */
  readonly touched: Set<string>

  constructor(root: string, touched: Set<string>) {
    this.#root = root
    this.touched = touched
  }

  /** Why the key's parent cannot be used, or undefined when it can. Makes it, with `make`. */
  fault(key: string, make: boolean): string | undefined {
    for (let end = key.indexOf('/'); end >= 0 && end < key.length - 1; end = key.indexOf('/', end + 1)) {
      const folder = key.slice(0, end + 1)
      if (this.#known.has(folder)) continue
      const at = pathOf(this.#root, folder)
      const stat = look(at)
      if (stat === undefined) {
        if (!make) return `${folder} is not there`
        const lost = this.make(at)
        if (lost !== undefined) return `${folder}: ${lost}`
      } else if (!stat.isDirectory()) return inTheWay(stat, folder.slice(0, -1))
      else {
        const twin = this.spelling.twin(at)
        if (twin !== undefined) return `${folder}: ${twin}`
      }
      this.#known.add(folder)
    }
    return undefined
  }

  /** Makes a folder. Gives why it does not have the name that it was given; then it is gone again. */
  make(at: string, mode = 0o777): string | undefined {
    writable(path.dirname(at), () => mkdirSync(at, { mode }))
    this.touched.add(path.dirname(at))
    const stat = look(at)
    const lost = stat && this.spelling.lost(at)
    if (lost !== undefined) rmdirSync(at)
    return lost
  }
}

/** Changes a name in a folder, whose mode may forbid it: it gets its own mode again at the end of the run. */
export function writable<T>(folder: string, change: () => T): T {
  try {
    return change()
  } catch (error) {
    const mode = look(folder)?.mode ?? 0n
    if (systemCode(error) !== 'EACCES' || (mode & 0o300n) === 0o300n) throw error
    if (!isOpened(folder, Number(mode & 0o7777n) | 0o700)) throw error
    return change()
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
