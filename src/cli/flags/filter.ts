import { string } from '@oclif/core/flags'
import { rulesOfFile } from '../../app/sync/filtering.js'
import { EfsError } from '../../base/errors.js'
import { type FilterRule, type FilterSpec, filterOf } from '../../model/filter.js'
import { parseSize } from '../../model/size.js'
import { time } from './flags.js'

const rule = (helpValue: string, summary: string) =>
  string({ helpValue, summary, multiple: true, multipleNonGreedy: true, helpGroup: 'FILTER' })
const size = (summary: string) => string({ helpValue: 'SIZE', summary, helpGroup: 'FILTER' })

/** The flags that say what a run leaves alone. */
export const FILTER_FLAGS = {
  include: rule('PATTERN', 'take what fits; the first rule that fits decides'),
  exclude: rule('PATTERN', 'leave alone what fits, at both sides'),
  'filter-from': rule('FILE', 'rules, one a line: + PATTERN, - PATTERN'),
  'min-size': size('leave smaller files alone'),
  'max-size': size('leave larger files alone'),
  'min-age': time('leave alone files changed since', 'FILTER'),
  'max-age': time('leave alone files changed before', 'FILTER'),
}

export interface FilterParsed {
  readonly flags: {
    readonly 'min-size'?: string | undefined
    readonly 'max-size'?: string | undefined
    readonly 'min-age'?: number | undefined
    readonly 'max-age'?: number | undefined
  }
  /** As they stand on the command line. */
  readonly raw: readonly { readonly type: string; readonly flag?: string; readonly input: string }[]
}

/** Empty where no flag asks for a filter. @throws USAGE, NOT_FOUND, IO */
export function filterFrom({ flags, raw }: FilterParsed): { readonly filter?: FilterSpec } {
  const rules = raw.flatMap(({ flag, input }): readonly FilterRule[] => {
    if (flag === 'include' || flag === 'exclude') return [{ keep: flag === 'include', pattern: input }]
    return flag === 'filter-from' ? rulesFrom(input) : []
  })
  const bounds = {
    ...sizeOf('bytesLeast', 'min-size', flags['min-size']),
    ...sizeOf('bytesMost', 'max-size', flags['max-size']),
    ...(flags['max-age'] === undefined ? {} : { changedSinceMs: flags['max-age'] }),
    ...(flags['min-age'] === undefined ? {} : { changedUntilMs: flags['min-age'] }),
  }
  mustLeave('size', bounds.bytesLeast, bounds.bytesMost)
  mustLeave('age', bounds.changedSinceMs, bounds.changedUntilMs)
  const filter = { rules, ...bounds }
  // What is no filter is refused before anything is opened.
  return filterOf(filter) === undefined ? {} : { filter }
}

/** Bounds that nothing is within would do nothing, without a word. @throws USAGE */
function mustLeave(what: string, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): void {
  if (least > most)
    throw new EfsError('USAGE', `no file is between --min-${what} and --max-${what}`, {
      hint: `give the smaller one as --min-${what}`,
    })
}

function rulesFrom(file: string): FilterRule[] {
  const rules = rulesOfFile(file)
  if (rules !== undefined) return rules
  throw new EfsError('NOT_FOUND', `no such file: ${file}`, { hint: 'name a file with a rule a line' })
}

function sizeOf<Name extends string>(name: Name, flag: string, text: string | undefined): { [K in Name]?: number } {
  if (text === undefined) return {}
  const bytes = parseSize(text)
  if (bytes === undefined)
    throw new EfsError('USAGE', `--${flag} ${text}: not an amount of bytes`, { hint: 'write 0, 500K, 10M or 1G' })
  const found: { [K in Name]?: number } = {}
  found[name] = bytes
  return found
}
