import { decodeLog } from '../../format/log.js'
import { RECORD } from '../../format/pack.js'
import { type ChunkRow, decodeChunkRow, isSamePlace } from '../../format/rows-chunk.js'
import type { ChunkRef } from '../../model/chunk.js'
import { chunkId } from '../../model/ids.js'
import { chunkKey, nameKey } from '../index/keys.js'
import { nameRecord } from '../index/name-rows.js'
import type { RecordScanned } from '../packs/scan.js'
import { readable } from '../trees.js'
import { type CheckParts, inIndex, type Wound } from './parts.js'

/** Where the row that is made from this record says something else. Rows of versions are held against their manifests by `checkVersions`. */
export async function recordMismatch(parts: CheckParts, pack: number, record: RecordScanned): Promise<Wound[]> {
  if (record.header.type === RECORD.chunk) return chunkMismatch(parts, pack, record)
  return record.header.type === RECORD.log ? nameMismatch(parts, record) : []
}

async function chunkMismatch(parts: CheckParts, pack: number, record: RecordScanned): Promise<Wound[]> {
  const { chunks } = parts.tables
  const id = chunkId(record.header.id)
  const bytes = chunks.get(chunkKey(id))
  if (bytes === undefined || (await fits(parts, pack, record, decodeChunkRow(bytes)))) return []
  // A collection may have moved or deleted it since.
  if (chunks.get(chunkKey(id))?.equals(bytes) !== true) return []
  return [inIndex(`the row of chunk ${id.slice(0, 16)} is not what its record says`, id)]
}

async function fits(parts: CheckParts, pack: number, record: RecordScanned, row: ChunkRow): Promise<boolean> {
  const { header, payload, offset } = record
  if (row.lost || row.size !== header.plainBytes) return false
  if (isSamePlace(row.place, { pack, offset })) return row.codec === header.codec && row.place.length === payload.length
  // This is another copy, of which few packs have any: the one that counts is read.
  const ref: ChunkRef = { id: chunkId(header.id), size: header.plainBytes, node: false }
  return (await readable(parts.chunks, [ref])).length === 1
}

function nameMismatch({ tables }: CheckParts, { payload }: RecordScanned): Wound[] {
  const record = decodeLog(payload)
  if (record.kind !== 'name') return []
  const { path, uid } = record.named
  const row = tables.names.get(nameKey(path))
  if (row === undefined || row.equals(payload)) return []
  const now = nameRecord(row)
  return now.named.uid === uid && now.stamp === record.stamp
    ? [inIndex(`what is set for ${path} is not what its record says`)]
    : []
}
