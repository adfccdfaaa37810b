import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { type Pattern, parsePattern } from './filter-pattern.js'
import { isFolderKey, type ObjectKey, ROOT_FOLDER } from './key.js'
import type { VersionRef } from './version-ref.js'

export interface FilterRule {
  /** What fits is in; else it is left out. */
  readonly keep: boolean
  readonly pattern: string
}

/** What a run looks at, as plain data. Times are milliseconds since 1970. */
export interface FilterSpec {
  /** The first that fits decides; where none does, a key is in. */
  readonly rules: readonly FilterRule[]
  readonly bytesLeast?: number
  readonly bytesMost?: number
  readonly changedSinceMs?: number
  readonly changedUntilMs?: number
}

/** Says of each key, in any order and fastest in that of keys, whether it is left alone at both sides. */
export type LeavesAlone = (key: ObjectKey, left: VersionRef | undefined, right: VersionRef | undefined) => boolean

export interface Filter {
  /** Whether a rule leaves this key out, and with it all below it; those of the folders above are not asked. */
  skips(key: string): boolean
  /** For one pass over keys. `left` is what the source has, and decides by size and time where it has something. */
  pass(): LeavesAlone
}

/** Undefined where nothing is left out. @throws USAGE for a pattern that is none, or too many of them */
export function filterOf(spec: FilterSpec): Filter | undefined {
  if (spec.rules.length > LIMITS.filterRulesMax) {
    throw new EfsError('USAGE', `${spec.rules.length} rules, at most ${LIMITS.filterRulesMax} may be`)
  }
  const { rules, ...bounds } = spec
  if (rules.length === 0 && Object.keys(bounds).length === 0) return undefined
  const parsed = rules.map(({ keep, pattern }) => ({ keep, fits: parsePattern(pattern) }))
  const skips = (key: string): boolean => isLeftOut(parsed, key)
  return {
    skips,
    pass: () => {
      const paths = new Paths(skips)
      return (key, left, right) => {
        if (paths.leaveOut(key)) return true
        const counts = left === undefined || left.kind === 'deleted' ? right : left
        return counts?.kind === 'file' && !isWithin(counts, bounds)
      }
    },
  }
}

function isLeftOut(rules: readonly { readonly keep: boolean; readonly fits: Pattern }[], key: string): boolean {
  const isFolder = isFolderKey(key)
  const path = isFolder ? key.slice(0, -1) : key
  const rule = path === '' ? undefined : rules.find(({ fits }) => fits(path, isFolder))
  return rule !== undefined && !rule.keep
}

function isWithin(row: VersionRef, bounds: Omit<FilterSpec, 'rules'>): boolean {
  const { bytesLeast = 0, bytesMost = Infinity, changedSinceMs = -Infinity, changedUntilMs = Infinity } = bounds
  if (row.size < bytesLeast || row.size > bytesMost) return false
  const changedMs = row.mtimeNs === undefined ? (row.held?.stamp.time ?? 0) / 1000 : Number(row.mtimeNs / 1000n) / 1000
  return changedMs >= changedSinceMs && changedMs <= changedUntilMs
}

/** Asks for each folder above a key once, as long as keys come in order. */
class Paths {
  readonly #above: { readonly folder: string; readonly isOut: boolean }[] = []

  constructor(readonly skips: (key: string) => boolean) {}

  leaveOut(key: ObjectKey): boolean {
    if (key === ROOT_FOLDER) return false
    let top = this.#above.at(-1)
    while (top !== undefined && !key.startsWith(top.folder)) {
      this.#above.pop()
      top = this.#above.at(-1)
    }
    let isOut = top?.isOut === true
    for (let end = key.indexOf('/', top?.folder.length ?? 0); end >= 0; end = key.indexOf('/', end + 1)) {
      const folder = key.slice(0, end + 1)
      isOut ||= this.skips(folder)
      this.#above.push({ folder, isOut })
    }
    return isOut || (!isFolderKey(key) && this.skips(key))
  }
}

/**
 * The rules of a text, one a line: `+ PATTERN` keeps, `- PATTERN` or a pattern alone leaves out; empty lines and those that begin with `#` or `;`
 * say nothing. @throws USAGE for one that only says `!`, or whose pattern is none
 */
export function parseRules(text: string, from: string): FilterRule[] {
  return text.split(/\r?\n/).flatMap((line, i): FilterRule[] => {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return []
    if (line === '!') throw new EfsError('USAGE', `${from} line ${i + 1}: ! does not clear rules here`)
    const sign = line.startsWith('+ ') || line.startsWith('- ')
    const pattern = sign ? line.slice(2) : line
    mustParse(pattern, `${from} line ${i + 1}`)
    return [{ keep: line.startsWith('+ '), pattern }]
  })
}

/** @throws USAGE that says where the pattern stands */
function mustParse(pattern: string, where: string): void {
  try {
    parsePattern(pattern)
  } catch (error) {
    if (!(error instanceof EfsError)) throw error
    throw new EfsError(error.code, `${where}: ${error.message}`, { hint: error.hint, cause: error })
  }
}
