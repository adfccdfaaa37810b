import { encodeJournalRow } from '../format/rows-bucket.js'
import type { Place } from '../format/rows-chunk.js'
import { decodeVersionRow, encodeVersionRow, type VersionRow } from '../format/rows-version.js'
import { attributesHash } from '../model/attributes.js'
import type { BucketUid, VersionId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { compareStamps, type Version } from '../model/manifest.js'
import type { IndexTransaction } from './index-transaction.js'
import { headKey, journalKey, versionKey, versionsPrefix } from './keys.js'
import { rowsUnder, type Tables } from './tables.js'

/**
 * The versions of one key: its head in `heads`, all others in `versions`. So a key with one version, the usual one, has
 * one row.
 */

/** `tip`: no version that is here descends from it. `older`: one does. */
export type Line = 'tip' | 'older'

export function headRow(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow | undefined {
  const bytes = tables.heads.getBinaryFast(headKey(bucket, key))
  return bytes && decodeVersionRow(bytes)
}

/** All but the head. */
export const otherRows = (tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow[] =>
  [...rowsUnder(tables.versions, versionsPrefix(headKey(bucket, key)))].map(({ value }) => decodeVersionRow(value))

/** The head first; none where the key has no version. */
export function tipRows(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow[] {
  const head = headRow(tables, bucket, key)
  if (head === undefined) return []
  return head.tips === 1 ? [head] : [head, ...otherRows(tables, bucket, key).filter(({ tip }) => tip)]
}

export function versionRow(tables: Tables, bucket: BucketUid, key: ObjectKey, id: VersionId): VersionRow | undefined {
  const head = headRow(tables, bucket, key)
  if (head === undefined || head.id === id) return head
  const bytes = tables.versions.getBinaryFast(versionKey(headKey(bucket, key), id))
  return bytes && decodeVersionRow(bytes)
}

/** Where a new version stands among those of its key. */
export interface Standing {
  readonly line: Line
  /** The tips that it descends from. */
  readonly covered: ReadonlySet<VersionId>
  /** All tips until now, the head first. */
  readonly tips: readonly VersionRow[]
}

/** In a transaction. `manifest` is where the version's manifest stands. */
export function insertVersion(
  tx: IndexTransaction,
  bucket: BucketUid,
  key: ObjectKey,
  version: Version,
  manifest: Place,
  { line, covered, tips }: Standing,
): void {
  const { tables } = tx
  const sequence = tx.nextSequence(bucket)
  tables.journals.putSync(journalKey(bucket, sequence), encodeJournalRow(version.id, key))
  tx.countVersions(bucket, 1)
  const row = rowOf(version, manifest, sequence, line === 'tip')
  if (line === 'older') {
    tables.versions.putSync(versionKey(headKey(bucket, key), row.id), encodeVersionRow(row))
    return
  }
  const left = tips.filter(({ id }) => !covered.has(id))
  const older = tips.filter(({ id }) => covered.has(id)).map((each) => ({ ...each, tip: false }))
  writeTips(tx, bucket, key, tips[0], [...left, row], older)
}

function rowOf({ id, manifest }: Version, place: Place, sequence: number, tip: boolean): VersionRow {
  const { kind, size, contentHash, attributes, root, stamp, vector } = manifest
  return {
    id,
    kind,
    size,
    mode: attributes.mode,
    mtimeNs: attributes.mtimeNs,
    stamp,
    contentHash,
    attributesHash: attributesHash(attributes),
    root: 'inline' in root ? undefined : root,
    tips: 1,
    tip,
    vectorIsStamp: Object.keys(vector).length === 1 && vector[stamp.segment] === stamp.time,
    userAttributes: attributes.user !== undefined && Object.keys(attributes.user).length > 0,
    manifest: place,
    sequence,
  }
}

/** In a transaction. Versions that are not here are passed over. */
export function removeVersions(
  tx: IndexTransaction,
  bucket: BucketUid,
  key: ObjectKey,
  ids: readonly VersionId[],
): void {
  const { tables } = tx
  const head = headRow(tables, bucket, key)
  if (head === undefined) return
  const all = [head, ...otherRows(tables, bucket, key)]
  const gone = all.filter(({ id }) => ids.includes(id))
  const left = all.filter(({ id }) => !ids.includes(id))
  if (gone.length === 0) return
  for (const { id, sequence } of gone) {
    tables.journals.removeSync(journalKey(bucket, sequence))
    tables.versions.removeSync(versionKey(headKey(bucket, key), id))
  }
  tx.countVersions(bucket, -gone.length)
  const tips = left.filter(({ tip }) => tip)
  // What only the removed tips descended from is found by its stamp: in one line the latest is the last.
  const last = left.toSorted((a, b) => compareStamps(b.stamp, a.stamp))[0]
  if (tips.length === 0 && last !== undefined) tips.push({ ...last, tip: true })
  writeTips(tx, bucket, key, head, tips, [])
}

/** The latest of the tips becomes the head; the others, and what is older now, get rows of their own. */
function writeTips(
  tx: IndexTransaction,
  bucket: BucketUid,
  key: ObjectKey,
  before: VersionRow | undefined,
  tips: readonly VersionRow[],
  older: readonly VersionRow[],
): void {
  const { tables } = tx
  const at = headKey(bucket, key)
  const [latest, ...others] = tips.toSorted((a, b) => compareStamps(b.stamp, a.stamp))
  const head = latest && (latest.tips === tips.length ? latest : { ...latest, tips: tips.length })
  if (head === undefined) tables.heads.removeSync(at)
  else tables.heads.putSync(at, encodeVersionRow(head))
  if (before !== undefined && head !== undefined) tables.versions.removeSync(versionKey(at, head.id))
  for (const row of [...others, ...older]) {
    tables.versions.putSync(versionKey(at, row.id), encodeVersionRow({ ...row, tips: 1 }))
  }
  tx.replaceHead(bucket, key, before, head)
}
