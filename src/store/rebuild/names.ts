import { randomBytes } from 'node:crypto'
import { encodeLog, type LogRecord } from '../../format/log.js'
import { bucketUid } from '../../model/ids.js'
import { kindOfName, lineOf } from '../../model/names.js'
import { nameKey, uidKey } from '../index/keys.js'
import { type NameRecord, nameRecord } from '../index/name-rows.js'
import { ALL, pagesUnder, rowsUnder } from '../index/tables.js'
import { type RebuildParts, write } from './parts.js'
import { payloadOfLatest } from './scratch.js'

/** Second pass: the names that were not dropped. A parent that no record names is made, so that its children can be reached. */
export async function rebuildNames(parts: RebuildParts): Promise<void> {
  const { home, scratch, tables } = parts
  for await (const page of pagesUnder(scratch.names, ALL)) {
    const alive = page.filter(({ key }) => !scratch.dropped.doesExist(key))
    write(home, tables, alive.length, () => {
      for (const { value } of alive) putName(parts, nameRecord(payloadOfLatest(value)))
    })
  }
  for await (const page of pagesUnder(tables.names, ALL)) {
    for (const { value } of page) {
      for (const path of lineOf(nameRecord(value).named.path)) await makeIfMissing(parts, path)
    }
  }
}

/**
 * In a transaction. Two that have the same path: one was made in vain, by a process that was killed before it could say so,
 * or was dropped, by a record that is lost. The first was never used, the second is the older one.
 */
function putName(parts: RebuildParts, record: NameRecord): void {
  const { tables } = parts
  const at = nameKey(record.named.path)
  const bytes = tables.names.get(at)
  const other = bytes && nameRecord(bytes)
  if (other !== undefined) {
    if (compareClaims(parts, other, record) > 0) return
    tables.uids.removeSync(uidKey(other.named.uid))
  }
  tables.names.putSync(at, Buffer.from(encodeLog(record)))
  tables.uids.putSync(uidKey(record.named.uid), Buffer.from(record.named.path))
}

function compareClaims(parts: RebuildParts, a: NameRecord, b: NameRecord): number {
  return Number(isUsed(parts, a)) - Number(isUsed(parts, b)) || a.named.createdMs - b.named.createdMs
}

const isUsed = ({ scratch }: RebuildParts, { named }: NameRecord): boolean =>
  rowsUnder(scratch.published, uidKey(named.uid), { limit: 1 }).length > 0

async function makeIfMissing({ home, tables, clock, tell }: RebuildParts, path: string): Promise<void> {
  if (tables.names.doesExist(nameKey(path))) return
  const uid = bucketUid(randomBytes(16).toString('hex'))
  const createdMs = clock.nowMs()
  const named = { kind: kindOfName(path), uid, path, settings: {}, createdMs }
  const record: LogRecord = { kind: 'name', named, stamp: createdMs * 1000 }
  write(home, tables, 1, () => {
    tables.names.putSync(nameKey(path), Buffer.from(encodeLog(record)))
    tables.uids.putSync(uidKey(uid), Buffer.from(path))
  })
  await tell({
    kind: 'lost',
    lost: { path, version: undefined, why: 'no pack names it; it is there again, without its settings' },
  })
}
