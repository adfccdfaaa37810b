import { closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs'
import { ROOT_FOLDER } from '../../model/key.js'

/** Holds a folder without the right to read it. Linux alone has it, and Node has no name for it. */
const O_PATH = 0o10000000
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
const HANDLES = '/proc/self/fd'
const HAS_HANDLES = process.platform === 'linux' && existsSync(HANDLES)

/** So many folders are open at once: the upper ones and the last. */
const OPEN_MAX = 16

interface Level {
  readonly folder: string
  readonly path: string
  readonly file: number | undefined
}

/**
 * Paths of keys below a root that lead through no link, whatever becomes of the folders on the way: the folder that was used last is
 * held open, and was entered from the root part by part. Where the system lends no folder that is open, each is looked at as it is entered.
 */
export class HeldFolder {
  readonly #root: string
  readonly #hasHandles: boolean
  /** Each in the one before it. */
  readonly #levels: Level[] = []

  constructor(root: string, hasHandles = HAS_HANDLES) {
    this.#root = root
    this.#hasHandles = hasHandles
  }

  /** Where a key is; good until the next call. What stands there itself may be a link. @throws the system's error, ENOTDIR for a link on the way */
  at(key: string): string {
    const slash = key === ROOT_FOLDER ? -1 : key.lastIndexOf('/', key.length - 2)
    return `${this.#enter(key.slice(0, slash + 1))}/${key.endsWith('/') ? key.slice(slash + 1, -1) : key.slice(slash + 1)}`
  }

  /** What a folder is read by, `''` for the root; good until the next call. @throws as `at` */
  inside(folder: string): string {
    return this.#enter(folder) || '/'
  }

  /** Lets go of all; what is asked for next is entered anew. */
  close(): void {
    while (this.#levels.length > 0) this.#leave()
  }

  #enter(folder: string): string {
    while (!folder.startsWith(this.#levels.at(-1)?.folder ?? '')) this.#leave()
    let top = this.#levels.at(-1) ?? this.#hold('', this.#root)
    while (top.folder.length < folder.length) {
      const end = folder.indexOf('/', top.folder.length)
      top = this.#hold(folder.slice(0, end + 1), `${top.path}/${folder.slice(top.folder.length, end)}`)
    }
    return top.path
  }

  #hold(folder: string, path: string): Level {
    if (!this.#hasHandles) requireFolder(path)
    const file = this.#hasHandles ? openSync(path, FLAGS) : undefined
    if (this.#levels.length >= OPEN_MAX) this.#leave()
    const level = { folder, file, path: file === undefined ? path.replace(/^\/$/, '') : `${HANDLES}/${file}` }
    this.#levels.push(level)
    return level
  }

  #leave(): void {
    const file = this.#levels.pop()?.file
    if (file !== undefined) closeSync(file)
  }
}

function requireFolder(path: string): void {
  if (!lstatSync(path).isDirectory()) throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' })
}
