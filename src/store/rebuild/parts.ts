import type { Clock } from '../../base/clock.js'
import type { Finding } from '../../model/segment.js'
import type { Identity } from '../identity.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { type Tables, transact } from '../index/tables.js'
import type { PackReader } from '../packs/reader.js'
import { assertRoomForRows } from '../store-error.js'
import type { Scratch } from './scratch.js'

/** Told one after the other, as they are found: they can be more than fit in memory. */
export type Tell = (finding: Finding) => Promise<void>

export interface RebuildOptions {
  readonly clock: Clock
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** What the passes of a rebuild work with. */
export interface RebuildParts extends RebuildOptions {
  readonly home: string
  readonly identity: Identity
  readonly scratch: Scratch
  /** The new index. */
  readonly tables: Tables
  readonly chunks: ChunkIndex
  readonly reader: PackReader
}

/** `rows`: about how many `work` writes. */
export function write(
  home: string,
  into: Pick<Tables, 'root' | 'gate' | 'home'>,
  rows: number,
  work: () => void,
): void {
  assertRoomForRows(home, rows)
  transact(into, work)
}
