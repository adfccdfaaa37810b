import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { refusalOf, why } from '../../endpoints/directory/why.js'
import { type Address, parseAddress } from '../../model/address.js'
import { type Filter, type FilterRule, type FilterSpec, filterOf, parseRules } from '../../model/filter.js'
import type { App } from '../app.js'
import { homesIn, ruleForHome } from './own-home.js'

/** In a directory, the rules for what is taken from it. */
export const IGNORE_FILE = '.efsignore'

/** Two addresses, and what of them is to be looked at. */
export interface Asked {
  readonly from: string
  readonly to: string
  readonly filter?: FilterSpec
}

/** Undefined where nothing is left out. @throws as `filterSpecFor` */
export const filterFor = (app: App, asked: Asked): Filter | undefined => filterOf(filterSpecFor(app, asked))

/**
 * As plain data: what is no data at all, then what was asked for, then what the source's own `.efsignore` says. Of what nobody asked for it is
 * told. @throws USAGE, REFUSED, IO
 */
export function filterSpecFor(app: App, { from, to, filter: asked = { rules: [] } }: Asked): FilterSpec {
  const sides = [parseAddress(from), parseAddress(to)]
  const homes = [app.home, ...sides.flatMap((side) => (side.kind === 'bucket' && side.home ? [side.home] : []))]
  const within = sides.flatMap((side) => (side.kind === 'directory' ? homesIn(side.path, homes) : []))
  for (const home of within) app.note(`${home}/ is left alone: it is the home of a segment`)
  return { ...asked, rules: [...within.map(ruleForHome), ...asked.rules, ...ignored(app, sides[0])] }
}

function ignored(app: App, source: Address | undefined): readonly FilterRule[] {
  if (source?.kind !== 'directory') return []
  const rules = rulesOfDirectory(path.resolve(source.path)) ?? []
  if (rules.length > 0)
    app.note(`${rules.length} rule${rules.length === 1 ? '' : 's'} of ${path.join(source.path, IGNORE_FILE)}`)
  return rules
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
