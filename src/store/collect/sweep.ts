import { RECORD_HEADER_BYTES } from '../../format/pack.js'
import { type ChunkRow, decodeChunkRow } from '../../format/rows-chunk.js'
import { type ChunkId, chunkId } from '../../model/ids.js'
import type { CollectReport, Tally } from '../../model/segment.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { chunkKey } from '../index/keys.js'
import type { Row } from '../index/table.js'
import { ALL, pagesUnder, type Tables, transact } from '../index/tables.js'
import type { Marks } from './marks.js'
import type { Usage } from './usage.js'

/** What became of the chunks. */
export type Swept = Pick<CollectReport, 'live' | 'pardoned' | 'condemned' | 'deleted' | 'young'>

export interface SweepParts {
  readonly tables: Tables
  readonly index: ChunkIndex
  readonly marks: Marks
  readonly usage: Usage
  /** What has this dense number or a later one came after the marks: it is passed over. */
  readonly markedBelow: number
  /** What nothing needs is condemned below this one. */
  readonly condemnBelow: number
  readonly dryRun: boolean
}

type Fate = keyof Swept

/**
 * Goes over all chunks once. What is marked is pardoned; of the rest, what an earlier collection condemned is deleted, what is old
 * enough is condemned, and no node of it counts as whole any more.
 */
export async function sweepChunks(parts: SweepParts, signal: AbortSignal | undefined): Promise<Swept> {
  const swept = { live: none(), pardoned: none(), condemned: none(), deleted: none(), young: none() }
  for await (const page of pagesUnder(parts.tables.chunks, ALL)) {
    signal?.throwIfAborted()
    for (const [fate, row] of parts.dryRun ? fatesOf(parts, page) : sweepPage(parts, page)) {
      swept[fate].chunks++
      swept[fate].bytes += RECORD_HEADER_BYTES + row.place.length
      if (fate !== 'deleted') parts.usage.addChunk(row.place)
    }
  }
  return swept
}

/** Rows that change are looked at again in the transaction: whoever published meanwhile may have pardoned some. */
function sweepPage(parts: SweepParts, page: readonly Row[]): [Fate, ChunkRow][] {
  const fates = fatesOf(parts, page)
  const changing = page.filter((_, i) => changes(fates[i]))
  if (changing.length === 0) return fates
  const changed = transact(parts.tables, () =>
    changing.flatMap(({ key }): [Fate, ChunkRow][] => {
      const id = chunkId(key.toString('hex'))
      const row = parts.index.row(id)
      if (row === undefined) return []
      const fate = fateOf(parts, row)
      change(parts, id, row, fate)
      return [[fate, row]]
    }),
  )
  return [...fates.filter((fate) => !changes(fate)), ...changed]
}

/** A young node may not count as whole any more: something under it may be condemned. */
const changes = (found: [Fate, ChunkRow] | undefined): boolean =>
  found !== undefined && (found[0] === 'young' ? found[1].whole : found[0] !== 'live')

function change({ index, tables }: SweepParts, id: ChunkId, row: ChunkRow, fate: Fate): void {
  if (fate === 'deleted') tables.chunks.removeSync(chunkKey(id))
  else index.write(id, { ...row, condemned: fate === 'condemned', whole: false })
}

type Bounds = Pick<SweepParts, 'marks' | 'markedBelow' | 'condemnBelow'>

function fateOf({ marks, markedBelow, condemnBelow }: Bounds, row: ChunkRow): Fate {
  if (row.dense >= markedBelow) return 'live'
  if (marks.has(row.dense)) return row.condemned ? 'pardoned' : 'live'
  if (row.condemned) return 'deleted'
  return row.dense >= condemnBelow ? 'young' : 'condemned'
}

const fatesOf = (parts: Bounds, page: readonly Row[]): [Fate, ChunkRow][] =>
  page.map(({ value }) => {
    const row = decodeChunkRow(value)
    return [fateOf(parts, row), row]
  })

const none = (): { -readonly [K in keyof Tally]: Tally[K] } => ({ chunks: 0, bytes: 0 })
