import {
  addToCell,
  CELL_BYTES,
  contentEntry,
  DIGEST_CELLS,
  digestCellOf,
  fullEntry,
} from '../../../src/format/digest.js'
import type { DigestKind } from '../../../src/model/endpoint.js'
import type { BucketCounters } from '../../../src/model/segment.js'
import type { Bucket } from './bucket.js'

export function countersOf(bucket: Bucket): BucketCounters {
  const heads = bucket.heads()
  const objects = heads.filter(({ kind }) => kind === 'file' || kind === 'link')
  return {
    objects: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    folders: heads.filter(({ kind }) => kind === 'folder').length,
    versions: bucket.keys.values().flat().length,
    deleted: heads.filter(({ kind }) => kind === 'deleted').length,
    conflicts: heads.filter(({ held }) => (held?.tips ?? 0) > 1).length,
  }
}

export function cellsOf(bucket: Bucket, digest: DigestKind): Buffer[] {
  const all = Buffer.alloc(DIGEST_CELLS * CELL_BYTES)
  const cells = Array.from({ length: DIGEST_CELLS }, (_, i) => all.subarray(i * CELL_BYTES, (i + 1) * CELL_BYTES))
  for (const { key, kind, size, held } of bucket.heads()) {
    const cell = cells[digestCellOf(key)]
    if (cell === undefined || held === undefined || kind === 'deleted') continue
    const entry = contentEntry({ key, kind, size, contentHash: held.contentHash })
    if (digest === 'full') addToCell(cell, fullEntry(entry, held.attributesHash))
    else if (kind !== 'folder') addToCell(cell, entry)
  }
  return cells
}
