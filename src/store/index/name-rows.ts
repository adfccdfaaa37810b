import { EfsError } from '../../base/errors.js'
import { decodeLog, encodeLog, type LogRecord } from '../../format/log.js'
import type { BucketUid } from '../../model/ids.js'
import type { Named } from '../../model/name-space.js'
import { nameKey, uidKey } from './keys.js'
import { dropNameFile } from './name-file.js'
import { ALL, rowsUnder, type Tables } from './tables.js'

export type NameRecord = Extract<LogRecord, { kind: 'name' }>

/** In a transaction: the row of a cluster, tenant or bucket. A path that is another's stays so, and a later change wins. */
export function applyName(tables: Tables, record: NameRecord): void {
  const { uid, path } = record.named
  const before = nameRecordAt(tables, path)
  if (before !== undefined && (before.named.uid !== uid || before.stamp > record.stamp)) return
  if (before === undefined) dropNameFile(tables.home)
  tables.names.putSync(nameKey(path), Buffer.from(encodeLog(record)))
  tables.uids.putSync(uidKey(uid), Buffer.from(path))
}

/**
 * In a transaction: takes away what makes it visible. The other rows of a bucket may be many; nobody looks for them under a uid
 * that has no name, and `sweepDropped` removes them.
 */
export function applyDrop(tables: Tables, uid: BucketUid): void {
  const path = tables.uids.get(uidKey(uid))?.toString()
  if (path === undefined) return
  dropNameFile(tables.home)
  tables.names.removeSync(nameKey(path))
  tables.uids.removeSync(uidKey(uid))
  tables.buckets.removeSync(uidKey(uid))
}

/** The buckets of all tenants. */
export function buckets(tables: Tables): Named[] {
  return rowsUnder(tables.names, ALL)
    .map(({ value }) => nameRecord(value).named)
    .filter(({ kind }) => kind === 'bucket')
}

/** The cluster, tenant or bucket of that path. */
export const nameAt = (tables: Tables, path: string): Named | undefined => nameRecordAt(tables, path)?.named

export function nameRecordAt(tables: Tables, path: string): NameRecord | undefined {
  const bytes = tables.names.get(nameKey(path))
  return bytes && nameRecord(bytes)
}

/** By their bytes: a gateway looks at the same few names with each request, and reading one takes as long as ten of LMDB's. */
const recent = new Map<string, NameRecord>()
const RECENT_MAX = 256

export function nameRecord(bytes: Buffer): NameRecord {
  const text = bytes.toString('latin1')
  const known = recent.get(text)
  if (known !== undefined) return known
  const record = decodeLog(bytes)
  if (record.kind !== 'name') throw new EfsError('CORRUPT', 'a row of the table of names is damaged')
  if (recent.size >= RECENT_MAX) recent.clear()
  recent.set(text, record)
  return record
}
