import type { Identity } from '../identity.js'
import type { Tables } from '../index/tables.js'
import type { PackReader } from '../packs/reader.js'

/** What a check works with. */
export interface CheckParts {
  readonly tables: Tables
  readonly reader: PackReader
  readonly identity: Identity
}

/** How far each pack is to be read, by number. What a process has not committed yet is its own affair. */
export type PackSizes = ReadonlyMap<number, number>

/** A stretch of a pack that is not what it should be; without a pack: the index itself. */
export interface Wound {
  readonly pack: number | undefined
  readonly offset: number
  readonly end: number
  readonly what: string
}
