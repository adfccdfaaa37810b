import { EfsError } from '../base/errors.js'

/** By their names in `[[:name:]]`. */
const NAMED: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[^ -~\u0080-\u{10ffff}]/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
}

interface Class {
  readonly fits: (codePoint: number) => boolean
  /** Where in the pattern it is over. */
  readonly end: number
}

/** What stands in brackets from `at` on. @throws USAGE */
export function parseClass(pattern: string, at: number): Class {
  const isNot = pattern[at + 1] === '!' || pattern[at + 1] === '^'
  const first = at + (isNot ? 2 : 1)
  const items: ((codePoint: number) => boolean)[] = []
  for (let i = first; i < pattern.length; ) {
    if (pattern[i] === ']' && i > first) {
      return { fits: (codePoint) => items.some((fits) => fits(codePoint)) !== isNot, end: i + 1 }
    }
    const [whole, name] = /^\[:(.*?):\]/.exec(pattern.slice(i)) ?? []
    if (whole !== undefined && name !== undefined) {
      const named = NAMED[name]
      if (named === undefined) throw unknownClass(pattern, whole)
      items.push((codePoint) => named.test(String.fromCodePoint(codePoint)))
      i += whole.length
      continue
    }
    const low = signAt(pattern, i)
    const isRange = pattern[low.end] === '-' && low.end + 1 < pattern.length && pattern[low.end + 1] !== ']'
    const high = isRange ? signAt(pattern, low.end + 1) : low
    // The first sign fits by itself, also where a range goes backwards.
    items.push((one) => one === low.codePoint || (one > low.codePoint && one <= high.codePoint))
    i = high.end
  }
  throw new EfsError('USAGE', `the pattern ${pattern.slice(0, 80)} has a [ without its ]`, {
    hint: 'write \\[ for a bracket that is meant itself, where the pattern has a *, ? or [',
  })
}

function signAt(pattern: string, at: number): { readonly codePoint: number; readonly end: number } {
  const start = pattern[at] === '\\' && at + 1 < pattern.length ? at + 1 : at
  const codePoint = pattern.codePointAt(start) ?? 0
  return { codePoint, end: start + (codePoint > 0xffff ? 2 : 1) }
}

const unknownClass = (pattern: string, whole: string): EfsError =>
  new EfsError('USAGE', `the pattern ${pattern.slice(0, 80)} has ${whole}, which is no class`, {
    hint: `one of ${Object.keys(NAMED).join(', ')}`,
  })
