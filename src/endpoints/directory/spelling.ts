import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** What a test may put in place of a file system that folds names. */
export interface Names {
  isThere(at: string): boolean
  /** The names in a folder, as the file system keeps them. */
  list(folder: string): readonly string[]
}

const REAL: Names = {
  isThere: (at) => lstatSync(at, { throwIfNoEntry: false }) !== undefined,
  list: (folder) => readdirSync(folder),
}

/** Names that some file systems keep without their end, or give to another file as its short name. */
const DOUBTFUL = /[. ]$|~\d/

/**
 * Whether what a path leads to bears that very name. Some file systems take `A` for `a`, one way to write `é` for the other, or
 * `a.` for `a`; which ones cannot be asked, and may differ from folder to folder, so each folder is tried once, by names that are in it.
 */
export class Spelling {
  readonly #names: Names
  /** Folders that were found to tell names apart that differ in case, and in how Unicode writes them. */
  readonly #tells = { case: new Set<string>(), form: new Set<string>() }
  /** Folders that were found to keep names in the form in which they came. */
  readonly #keeps = new Set<string>()
  /** What is in folders that do not tell names apart, until something is placed there. */
  readonly #lists = new Map<string, ReadonlySet<string>>()

  constructor(names: Names = REAL) {
    this.#names = names
  }

  /** Something must stand there. */
  isExact(at: string): boolean {
    return this.#isTold(at) || this.#list(path.dirname(at)).has(path.basename(at))
  }

  /** Why what is to stand at `at` cannot, since what stands there already has another name; undefined where it has that one. */
  twin(at: string): string | undefined {
    return this.isExact(at)
      ? undefined
      : `it would be one file with ${this.#nameOf(at)}: this file system does not tell the names apart`
  }

  /** Of what was just placed: why it does not have the name that it was given, or undefined when it has. */
  lost(at: string): string | undefined {
    const [folder, name] = [path.dirname(at), path.basename(at)]
    this.#lists.delete(folder)
    const isSure = !DOUBTFUL.test(name) && (otherForm(name) === undefined || this.#keeps.has(folder))
    if (isSure) return undefined
    if (!this.#list(folder).has(name)) return `this file system would keep it as ${this.#nameOf(at)}`
    if (otherForm(name) !== undefined) this.#keeps.add(folder)
    return undefined
  }

  #nameOf(at: string): string {
    const folded = foldedName(path.basename(at))
    return [...this.#list(path.dirname(at))].find((name) => foldedName(name) === folded) ?? 'another name'
  }

  #list(folder: string): ReadonlySet<string> {
    const known = this.#lists.get(folder) ?? new Set(this.#names.list(folder))
    this.#lists.set(folder, known)
    return known
  }

  #isTold(at: string): boolean {
    const [folder, name] = [path.dirname(at), path.basename(at)]
    if (DOUBTFUL.test(name)) return false
    return (['case', 'form'] as const).every((how) => {
      const other = how === 'case' ? otherCase(name) : otherForm(name)
      if (other === undefined || this.#tells[how].has(folder)) return true
      // That it is the same one cannot be asked everywhere: in user space each name may have an inode of its own.
      if (this.#names.isThere(path.join(folder, other))) return false
      this.#tells[how].add(folder)
      return true
    })
  }
}

const foldedName = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[. ]+$/, '')

const otherCase = (name: string): string | undefined =>
  [name.toUpperCase(), name.toLowerCase()].find((other) => other !== name)

const otherForm = (name: string): string | undefined =>
  [name.normalize('NFC'), name.normalize('NFD')].find((other) => other !== name)
