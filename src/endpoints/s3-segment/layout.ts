import { EfsError } from '../../base/errors.js'
import type { ObjectStore } from '../../model/object-store.js'

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

/** Folders below its prefix in which everything is the segment's. */
export const OWN = [SEGMENTS, CLAIMS, PACKS, factsPrefix('index'), factsPrefix('journal')]

const FACTS = /^(?:index|journal)\/([0-9])\/([0-9a-f]{64})$/
const OTHERS = /^(?:(?:segment|packs)\/[0-9a-f]{32}|claims\/[0-9a-f]{32}-[0-9]+)$/

const OWNED =
  /^(?:(.*)\/)?(?:(segment\/[0-9a-f]{32})|(?:index|journal)\/[0-9]\/[0-9a-f]{64}|packs\/[0-9a-f]{32}|claims\/[0-9a-f]{32}-[0-9]+)$/s

/** Of a segment that may stand in S3: the prefix, without its closing `/`, where an object has the name of one of its; its marker says that it is there. */
export function ownedBy(key: string): { readonly prefix: string; readonly isMarker: boolean } | undefined {
  const found = OWNED.exec(key)
  return found === null ? undefined : { prefix: found[1] ?? '', isMarker: found[2] !== undefined }
}

/** @throws CORRUPT where no efs names an object so in one of the folders of a segment */
export function assertOwn({ label }: Pick<ObjectStore, 'label'>, key: string): void {
  if (FACTS.test(key) || OTHERS.test(key)) return
  throw new EfsError('CORRUPT', `${label}${key} is no object of a segment, and stands among those of one`, {
    hint: 'remove it from there, or name another prefix for the segment',
  })
}

/** Of one that `assertOwn` lets pass. */
export function parseFactsKey(key: string): { readonly level: number; readonly id: string } {
  const [, level = '', id = ''] = FACTS.exec(key) ?? []
  return { level: Number(level), id }
}
