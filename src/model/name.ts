import { LIMITS } from '../base/limits.js'

/** Why a text cannot be the name of a cluster, tenant or bucket; undefined when it can. */
export function nameFault(part: string): string | undefined {
  if (part === '') return 'a part of it is empty'
  if (/[\s\p{Cc}]/u.test(part)) return 'it holds a space or a control character'
  if (part === '.' || part === '..') return `it has a part that is '${part}'`
  if (!part.isWellFormed() || part.includes('\uFFFD')) return 'it is not UTF-8'
  if (Buffer.byteLength(part) > LIMITS.nameBytesMax) return `a part of it is longer than ${LIMITS.nameBytesMax} bytes`
  return undefined
}
