import { refOfRow, rowKind, rowStampTime } from '../format/rows-version.js'
import type { Listing } from '../model/endpoint.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { VersionIndex } from '../model/segment.js'
import type { VersionRef } from '../model/version-ref.js'
import { headKey, keyOfHead, versionsPrefix, versionsSince } from './index/keys.js'
import type { Row } from './index/table.js'
import { lastBefore, pagesUnder, rowsUnder, successor, type Tables } from './index/tables.js'

type Options = Parameters<VersionIndex['list']>[1]

export async function* listHeads(tables: Tables, bucket: BucketUid, options: Options): Listing {
  const prefix = headKey(bucket, options.prefix ?? '')
  for await (const page of pagesUnder(tables.heads, prefix, { from: startOf(bucket, prefix, options.after) })) {
    options.signal?.throwIfAborted()
    const refs = page.flatMap((row) => listed(tables, row, options) ?? [])
    if (refs.length > 0) yield refs
  }
}

function listed(tables: Tables, { key, value }: Row, { atMs, deleted, unkept }: Options): VersionRef | undefined {
  const row = atMs === undefined ? value : rowAt(tables, key, value, atMs)
  if (row === undefined) unkept?.(earliest(tables, key, value))
  if (row === undefined || (rowKind(row) === 'deleted' && deleted !== true)) return undefined
  return refOfRow(keyOfHead(key), row)
}

/** The version with the latest stamp that is not after `atMs`; the whole millisecond counts. */
function rowAt(tables: Tables, head: Buffer, headRow: Buffer, atMs: number): Buffer | undefined {
  const end = (Math.floor(atMs) + 1) * 1000
  if (rowStampTime(headRow) < end) return headRow
  return lastBefore(tables.versions, versionsPrefix(head), versionsSince(head, end))?.value
}

function earliest(tables: Tables, head: Buffer, headRow: Buffer): VersionRef {
  const [older] = rowsUnder(tables.versions, versionsPrefix(head), { limit: 1 })
  return refOfRow(keyOfHead(head), older?.value ?? headRow)
}

function startOf(bucket: BucketUid, prefix: Buffer, after: ObjectKey | undefined): Buffer {
  if (after === undefined) return prefix
  const start = successor(headKey(bucket, after))
  return Buffer.compare(start, prefix) > 0 ? start : prefix
}
