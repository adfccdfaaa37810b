import type { Place } from '../../format/rows-chunk.js'
import type { ChunkId } from '../../model/ids.js'
import type { ChunkStore } from '../../model/segment.js'
import type { Identity } from '../identity.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import type { Tables } from '../index/tables.js'
import type { PackReader } from '../packs/reader.js'

/** What a check works with. */
export interface CheckParts {
  readonly tables: Tables
  readonly index: ChunkIndex
  readonly chunks: Pick<ChunkStore, 'get'>
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
  /** A chunk that cannot be read because of it, wherever that stands. */
  readonly chunk?: ChunkId | undefined
}

export const inIndex = (what: string, chunk?: ChunkId): Wound => ({ pack: undefined, offset: 0, end: 0, what, chunk })

export const standsIn = (wound: Wound, { pack, offset }: Place): boolean =>
  wound.pack === pack && offset >= wound.offset && offset < wound.end
