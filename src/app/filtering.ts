import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { EfsError, systemCode } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { refusalOf, why } from '../endpoints/directory/why.js'
import { parseAddress } from '../model/address.js'
import { type Filter, type FilterRule, type FilterSpec, filterOf, parseRules } from '../model/filter.js'
import type { App } from './app.js'

/** In a directory, the rules for what is taken from it. */
export const IGNORE_FILE = '.efsignore'

/**
 * What was asked for, then what the source's own `.efsignore` says, which is told. Undefined where nothing is left out.
 * @throws USAGE, REFUSED, IO
 */
export function filterFor(app: App, source: string, asked: FilterSpec = { rules: [] }): Filter | undefined {
  return filterOf(withIgnoreFile(app, source, asked))
}

/** As plain data. */
export function withIgnoreFile(app: App, source: string, asked: FilterSpec = { rules: [] }): FilterSpec {
  const address = parseAddress(source)
  if (address.kind !== 'directory') return asked
  const own = rulesOfDirectory(path.resolve(address.path))
  if (own === undefined || own.length === 0) return asked
  app.note(`${own.length} rule${own.length === 1 ? '' : 's'} of ${path.join(address.path, IGNORE_FILE)}`)
  return { ...asked, rules: [...asked.rules, ...own] }
}

/** Those of its `.efsignore`, undefined where it has none. @throws USAGE, REFUSED, IO */
export const rulesOfDirectory = (directory: string): FilterRule[] | undefined =>
  rulesOfFile(path.join(directory, IGNORE_FILE))

/** Undefined where there is no such file. @throws USAGE, REFUSED, IO */
export function rulesOfFile(file: string): FilterRule[] | undefined {
  try {
    const size = statSync(file).size
    if (size <= LIMITS.filterFileBytesMax) return parseRules(readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    if (error instanceof EfsError) throw error
    const hint = 'its rules say what is left alone'
    throw new EfsError(refusalOf(error), `cannot read ${file}: ${why(error)}`, { hint, cause: error })
  }
  throw new EfsError('USAGE', `${file} has more than ${LIMITS.filterFileBytesMax} bytes`)
}
