import { type Dirent, opendirSync, readdirSync } from 'node:fs'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { isTemporary } from '../../base/temporary.js'
import type { ListOptions } from '../../model/endpoint.js'
import { compareKeys, isFolderKey, keyFault, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import type { VersionRef } from '../../model/version-ref.js'
import { kindOf } from './fingerprint.js'
import { HeldFolder } from './held-folder.js'
import { isBelowFolders, type LookContext, lookAt, rowOf } from './look-at.js'
import type { Losses } from './losses.js'
import { NameList, type NameParts } from './name-list.js'
import { Spelling } from './spelling.js'
import { notOpened, refusalOf, why } from './why.js'

export interface WalkContext extends LookContext {
  readonly losses: Losses
}

interface Level {
  /** The key of the folder that they stand in. */
  readonly folder: string
  /** In key order, with a `/` behind a folder's. */
  readonly names: NameList
  /** Those that are no file, link or folder. */
  readonly special: ReadonlySet<string>
  next: number
}

interface Entry {
  readonly key: string
  readonly special: boolean
}

/** Entries that are read from a folder in one call. */
const ENTRIES_AT_ONCE = 256

/** How far a walk is, in a form that another thread can go on from. */
export interface WalkState {
  readonly levels: readonly (Omit<Level, 'names'> & { readonly names: NameParts })[]
  readonly entering: string | undefined
}

/** The rows of a directory in key order: depth first, one sorted folder a level in memory. Follows no link. */
export class Walk {
  readonly #levels: Level[] = []
  readonly #prefix: string
  readonly #after: string
  readonly #skips: (key: string) => boolean
  readonly #held: HeldFolder
  /** A folder whose row is out and whose entries come next. */
  #entering: string | undefined = ''

  /** `state`: goes on from there, with the same options. */
  constructor(
    readonly context: WalkContext,
    options: ListOptions,
    state?: WalkState,
  ) {
    this.#prefix = options.prefix ?? ''
    this.#after = options.after ?? ''
    this.#skips = options.skips ?? (() => false)
    this.#held = new HeldFolder(context.root)
    if (state !== undefined) {
      this.#entering = state.entering
      this.#levels.push(...state.levels.map((level) => ({ ...level, names: NameList.of(level.names) })))
      return
    }
    const folder = this.#prefix.slice(0, this.#prefix.lastIndexOf('/') + 1)
    if (folder !== '' && folder !== ROOT_FOLDER) this.#beginAt(folder)
  }

  /** Only what is below that folder can be asked for; the others on the way need not be read. */
  #beginAt(folder: string): void {
    this.#entering = undefined
    if (!isBelowFolders(this.context, `${folder}*`, new Spelling(), new Map())) return
    const at = folder.lastIndexOf('/', folder.length - 2) + 1
    const names = new NameList()
    names.add(folder.slice(at))
    this.#levels.push({ folder: folder.slice(0, at), names, special: new Set(), next: 0 })
  }

  get state(): WalkState {
    return {
      levels: this.#levels.map((level) => ({ ...level, names: level.names.parts })),
      entering: this.#entering,
    }
  }

  /** The next rows; none after the last. */
  page(takenMs: number): VersionRef[] {
    try {
      return this.#page(takenMs)
    } finally {
      this.#held.close()
    }
  }

  #page(takenMs: number): VersionRef[] {
    const page: VersionRef[] = []
    while (page.length < LIMITS.pageRowsMax) {
      const entry = this.#next()
      if (entry === undefined) break
      const row = this.#look(entry, takenMs)
      if (row === undefined) continue
      if (isFolderKey(row.key)) this.#entering = row.key
      if (row.key.startsWith(this.#prefix) && compareKeys(row.key, this.#after) > 0) page.push(row)
    }
    return page
  }

  #next(): Entry | undefined {
    if (this.#entering !== undefined) {
      const folder = this.#entering
      this.#entering = undefined
      this.#levels.push(this.#level(folder))
    }
    for (;;) {
      const level = this.#levels.at(-1)
      if (level === undefined) return undefined
      const name = level.names.at(level.next++)
      if (name === undefined) {
        this.#levels.pop()
        continue
      }
      const key = level.folder + name
      if (this.#wanted(key)) return { key, special: level.special.has(name) }
    }
  }

  /** Whether the entry, or something below it, may be asked for. */
  #wanted(key: string): boolean {
    if (!isFolderKey(key)) return key.startsWith(this.#prefix) && compareKeys(key, this.#after) > 0
    return (
      (key.startsWith(this.#prefix) || this.#prefix.startsWith(key)) &&
      (compareKeys(key, this.#after) > 0 || this.#after.startsWith(key))
    )
  }

  #level(folder: string): Level {
    let names = new NameList()
    const special = new Set<string>()
    let unnamed = false
    try {
      for (const entry of entriesOf(this.#held.inside(folder))) {
        if (isTemporary(entry.name)) continue
        const name = entry.isDirectory() ? `${entry.name}/` : entry.name
        if (this.#skips(folder + name)) continue
        const fault = keyFault(folder + name)
        if (fault === undefined) {
          names.add(name)
          if (kindOf(entry) === undefined) special.add(name)
        } else if (name.includes('\uFFFD')) unnamed = true
        else this.#park(folder + name, `its name cannot be a key: ${fault}`)
      }
    } catch (error) {
      if (folder === '') throw rootError(this.context.root, error)
      if (systemCode(error) !== 'ENOENT') this.#park(folder, notOpened(error))
      names = new NameList()
    }
    if (unnamed) this.#parkUnnamed(folder)
    names.sort()
    return { folder, names, special, next: 0 }
  }

  /** Names that are not UTF-8 are shown with their other bytes as `\xNN`. */
  #parkUnnamed(folder: string): void {
    for (const name of readdirSync(this.#held.inside(folder), { encoding: 'buffer', withFileTypes: true })) {
      const bytes = Buffer.from(name.name)
      if (!bytes.toString().includes('\uFFFD')) continue
      const shown = bytes
        .toString('latin1')
        .replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
      this.#park(`${folder}${shown}${name.isDirectory() ? '/' : ''}`, 'its name is not UTF-8')
    }
  }

  #look({ key, special }: Entry, takenMs: number): VersionRef | undefined {
    if (special) {
      this.context.losses.add('special files', key)
      return undefined
    }
    const stat = lookAt(this.context, key)
    if (stat === undefined) return undefined
    const row = rowOf(key, stat, takenMs)
    if (row === undefined) this.#park(key, 'it became something else while it was looked at')
    else this.context.losses.look(stat, key)
    return row
  }

  #park(key: string, reason: string): void {
    this.context.parked({ key: key as ObjectKey, why: reason })
  }
}

/** As they come; not all at once. */
function* entriesOf(path: string): Generator<Dirent> {
  const folder = opendirSync(path, { bufferSize: ENTRIES_AT_ONCE })
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry
  } finally {
    folder.closeSync()
  }
}

function rootError(root: string, error: unknown): EfsError {
  const code = systemCode(error) === 'ENOENT' ? 'NOT_FOUND' : refusalOf(error)
  return new EfsError(code, `cannot list ${root}: ${why(error)}`, { cause: error })
}
