import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'

declare const brand: unique symbol
/**
 * The name of an object in its bucket: 1 to 1,024 bytes of UTF-8, no NUL, no part that is `.` or `..`.
 * A key that ends in `/` names a folder: attributes kept beside the objects, not an object.
 */
export type ObjectKey = string & { readonly [brand]: 'ObjectKey' }

/** The folder itself that the objects of a bucket stand in: its mode and times, no object and no name. */
export const ROOT_FOLDER = '/' as ObjectKey

const REPLACEMENT = '\uFFFD'
const DOTS = /(?:^|\/)\.\.?(?:\/|$)/

/** Why the text is no key, or undefined when it is one. */
export function keyFault(text: string): string | undefined {
  if (text.length === 0) return 'it is empty'
  if (text.includes('\0')) return 'it holds a NUL'
  if (!text.isWellFormed() || text.includes(REPLACEMENT)) return 'it is not UTF-8'
  if (Buffer.byteLength(text) > LIMITS.keyBytesMax) {
    return `it has ${Buffer.byteLength(text)} bytes, at most ${LIMITS.keyBytesMax} are allowed`
  }
  if (DOTS.test(text)) return "it has a part that is '.' or '..'"
  return undefined
}

/** @throws BAD_KEY, saying which rule the text breaks. */
export function objectKey(text: string): ObjectKey {
  const fault = keyFault(text)
  if (fault !== undefined) throw new EfsError('BAD_KEY', `bad key ${JSON.stringify(text.slice(0, 80))}: ${fault}`)
  return text as ObjectKey
}

export const isFolderKey = (key: string): boolean => key.endsWith('/')

/**
 * The order of keys everywhere: that of their UTF-8 bytes. UTF-16 code units agree with it except that
 * surrogates (above U+FFFF) must come after U+E000 to U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return lifted(x) - lifted(y)
  }
  return a.length - b.length
}

const lifted = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
