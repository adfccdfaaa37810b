import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { parseClass } from './filter-class.js'

/** Whether a path without its closing `/` is meant. */
export type Pattern = (path: string, isFolder: boolean) => boolean

const STAR = Symbol('*')
const DEEP = Symbol('**')
/** A character by its code point, one of some, or any number of them. */
type Token = number | ((codePoint: number) => boolean) | typeof STAR | typeof DEEP

const WILD = /[*?[]/
const SLASH = 0x2f
const anyButSlash = (codePoint: number): boolean => codePoint !== SLASH

/**
 * A pattern of rsync's filter rules (docs/filters.md).
 * @throws USAGE for one that is empty or too long, or could never fit
 */
export function parsePattern(text: string): Pattern {
  const bytes = Buffer.byteLength(text)
  if (bytes === 0 || bytes > LIMITS.patternBytesMax) {
    throw new EfsError('USAGE', `a pattern has 1 to ${LIMITS.patternBytesMax} bytes`, {
      hint: "write '*.tmp', '/only/here' or 'folder/'",
    })
  }
  const foldersOnly = text.length > 1 && text.endsWith('/')
  const whole = foldersOnly ? text.slice(0, -1) : text
  const fits = WILD.test(whole) ? wildPattern(whole) : plainPattern(whole)
  return foldersOnly ? (path, isFolder) => isFolder && fits(path, isFolder) : fits
}

/** The pattern that fits this text and no other. */
export const literalPattern = (text: string): string =>
  WILD.test(text) ? text.replaceAll(/[*?[\\]/g, (sign) => `\\${sign}`) : text

/** Without a wildcard all is itself, a backslash too. */
function plainPattern(whole: string): Pattern {
  if (whole.startsWith('/')) return (path) => path === whole.slice(1)
  const tail = `/${whole}`
  return (path) => path === whole || path.endsWith(tail)
}

function wildPattern(whole: string): Pattern {
  const isAnchored = whole.startsWith('/')
  const tokens = tokensOf(isAnchored ? whole.slice(1) : whole)
  const isDeep = whole.includes('**')
  const slashes = whole.split('/').length - 1
  if (!isDeep && !isAnchored) return (path) => matches(tokens, lastParts(path, slashes + 1))
  // What begins with `**` may have its first part at the top; what ends with `/***` is the folder itself too.
  const before = whole.startsWith('**') ? '/' : ''
  const behind = whole.endsWith('***') ? '/' : ''
  const floats = isDeep && !isAnchored && before === ''
  return (path, isFolder) => {
    const subject = before + path + (isFolder ? behind : '')
    if (matches(tokens, subject)) return true
    if (!floats) return false
    for (let at = subject.indexOf('/'); at >= 0; at = subject.indexOf('/', at + 1))
      if (matches(tokens, subject.slice(at + 1))) return true
    return false
  }
}

/** Undefined where the path has fewer. */
function lastParts(path: string, count: number): string | undefined {
  let start = path.length
  for (let parts = 0; parts < count; parts++) {
    if (start < 0) return undefined
    start = start === 0 ? -1 : path.lastIndexOf('/', start - 1)
  }
  return path.slice(start + 1)
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const sign = text[at]
    if (sign === '*') {
      const stars = /\*+/y
      stars.lastIndex = at
      const length = stars.exec(text)?.[0].length ?? 1
      tokens.push(length > 1 ? DEEP : STAR)
      at += length
    } else if (sign === '?') {
      tokens.push(anyButSlash)
      at++
    } else if (sign === '[') {
      const { fits, end } = parseClass(text, at)
      tokens.push((codePoint) => codePoint !== SLASH && fits(codePoint))
      at = end
    } else {
      if (sign === '\\' && at + 1 < text.length) at++
      const codePoint = text.codePointAt(at) ?? 0
      tokens.push(codePoint)
      at += widthOf(codePoint)
    }
  }
  return tokens
}

/** In code units. */
const widthOf = (codePoint: number): number => (codePoint > 0xffff ? 2 : 1)

/**
 * The shortest stretch is tried first for each star. Only the last `*`, and before it the last `**`, are ever stretched: an earlier one could not
 * help, so no pattern takes long.
 */
function matches(tokens: readonly Token[], text: string | undefined): boolean {
  if (text === undefined) return false
  let [at, token] = [0, 0]
  let star: Stretch | undefined
  let deep: Stretch | undefined
  for (;;) {
    const next = tokens[token]
    if (next === DEEP) {
      deep = { after: ++token, end: at }
      star = undefined
      continue
    }
    if (next === STAR) {
      star = { after: ++token, end: at }
      continue
    }
    if (next === undefined && at === text.length) return true
    const codePoint = text.codePointAt(at)
    if (next !== undefined && codePoint !== undefined && isOne(next, codePoint)) {
      token++
      at += widthOf(codePoint)
      continue
    }
    const stretched = star !== undefined && star.end < text.length && text[star.end] !== '/' ? star : deep
    if (stretched === undefined || stretched.end >= text.length) return false
    if (stretched === deep) star = undefined
    at = ++stretched.end
    token = stretched.after
  }
}

/** A star: which token comes behind it, and where what it stands for ends. */
interface Stretch {
  readonly after: number
  end: number
}

const isOne = (token: number | ((codePoint: number) => boolean), codePoint: number): boolean =>
  typeof token === 'number' ? token === codePoint : token(codePoint)
