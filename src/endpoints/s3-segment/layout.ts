import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

/** What the objects of a segment are called, below its prefix: see docs/format.md. */
export const SEGMENTS = 'segment/'
export const CLAIMS = 'claims/'
export const PACKS = 'packs/'
export const packKey = (pack: string): string => PACKS + pack
export const claimsOf = (writer: string): string => `${CLAIMS}${writer}-`
export const claimKey = (writer: string, nth: number): string => `${claimsOf(writer)}${nth}`

/** The two kinds of facts: where chunks stand, and what was published. */
export type FactsKind = 'index' | 'journal'

export const factsPrefix = (kind: FactsKind): string => `${kind}/`
export const factsKey = (kind: FactsKind, level: number, id: string): string => `${kind}/${level}/${id}`

const FACTS = /^(?:index|journal)\/([0-9])\/([0-9a-f]{64})$/

/** @throws CORRUPT where no efs names its objects so */
export function parseFactsKey(key: string): { readonly level: number; readonly id: string } {
  const [, level, id] = FACTS.exec(key) ?? []
  if (level === undefined || id === undefined || Number(level) > LIMITS.factsLevelMax)
    throw new EfsError('CORRUPT', `${key} is no object of a segment`, { hint: 'remove what does not belong there' })
  return { level: Number(level), id }
}
