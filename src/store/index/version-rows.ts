import { encodeJournalRow } from '../../format/rows-bucket.js'
import { isSamePlace, type Place } from '../../format/rows-chunk.js'
import { decodeVersionRow, encodeVersionRow, type VersionRow } from '../../format/rows-version.js'
import { attributesHash } from '../../model/attributes.js'
import type { BucketUid, SegmentGuid, VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { compareStamps, type Version } from '../../model/manifest.js'
import { refuse } from '../commit/refused.js'
import { headKey, journalKey, versionKey, versionsPrefix } from './keys.js'
import { rowsUnder, type Tables } from './tables.js'
import type { IndexTransaction } from './transaction.js'

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

/** All but the head, earliest stamp first. */
export const otherRows = (tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow[] =>
  rowsUnder(tables.versions, versionsPrefix(headKey(bucket, key))).map(({ value }) => decodeVersionRow(value))

/** The first `count` of them. */
export const oldestRows = (tables: Tables, bucket: BucketUid, key: ObjectKey, count: number): VersionRow[] =>
  rowsUnder(tables.versions, versionsPrefix(headKey(bucket, key)), { limit: count }).map(({ value }) =>
    decodeVersionRow(value),
  )

/** The head first. */
export function allRows(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow[] {
  const head = headRow(tables, bucket, key)
  return head === undefined ? [] : [head, ...otherRows(tables, bucket, key)]
}

/** The head last, so that a removal that ends halfway brings no older version back. */
export function rowsForRemoval(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow[] {
  const [head, ...others] = allRows(tables, bucket, key)
  return head === undefined ? [] : [...others, head]
}

/** The head first; none where the key has no version. */
export function tipRows(tables: Tables, bucket: BucketUid, key: ObjectKey): VersionRow[] {
  const head = headRow(tables, bucket, key)
  if (head === undefined) return []
  return head.tips === 1 ? [head] : [head, ...otherRows(tables, bucket, key).filter(({ tip }) => tip)]
}

export function versionRow(
  tables: Tables,
  bucket: BucketUid,
  key: ObjectKey,
  version: Pick<VersionRow, 'id' | 'stamp'>,
): VersionRow | undefined {
  const head = headRow(tables, bucket, key)
  if (head === undefined || head.id === version.id) return head
  const bytes = tables.versions.getBinaryFast(versionKey(headKey(bucket, key), version))
  return bytes && decodeVersionRow(bytes)
}

/** Where a new version stands among those of its key. */
export interface Standing {
  readonly line: Line
  /** The tips that it descends from. */
  readonly covered: ReadonlySet<VersionId>
  /** All tips until now, the head first. */
  readonly tips: readonly VersionRow[]
  /** The peer that brings it. */
  readonly by?: SegmentGuid | undefined
}

/** In a transaction. `manifest` is where the version's manifest stands. */
export function insertVersion(
  tx: IndexTransaction,
  bucket: BucketUid,
  key: ObjectKey,
  version: Version,
  manifest: Place,
  { line, covered, tips, by }: Standing,
): void {
  const { tables } = tx
  const sequence = tx.nextSequence(bucket)
  tables.journals.putSync(journalKey(bucket, sequence), encodeJournalRow(version.id, key, by))
  tx.countVersions(bucket, 1)
  const row = rowOf(version, manifest, sequence, line === 'tip')
  const [head] = tips
  if (line === 'older') {
    if (head === undefined) throw new RangeError('an older version of what has none')
    tables.versions.putSync(versionKey(headKey(bucket, key), row), encodeVersionRow(row))
    tables.heads.putSync(headKey(bucket, key), encodeVersionRow({ ...head, others: head.others + 1 }))
    return
  }
  const left = tips.filter(({ id }) => !covered.has(id))
  const older = tips.filter(({ id }) => covered.has(id)).map((each) => ({ ...each, tip: false }))
  writeTips(tx, bucket, key, {
    before: head,
    tips: [...left, row],
    older,
    total: head === undefined ? 1 : head.others + 2,
  })
}

export function rowOf({ id, manifest }: Version, place: Place, sequence: number, tip: boolean): VersionRow {
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
    others: 0,
    tip,
    vectorIsStamp: Object.keys(vector).length === 1 && vector[stamp.segment] === stamp.time,
    userAttributes: attributes.user !== undefined && Object.keys(attributes.user).length > 0,
    manifest: place,
    sequence,
  }
}

/** In a transaction: the manifest of a version was copied. What no longer stands at `from` is refused at the new place. */
export function moveManifest(
  { tables }: IndexTransaction,
  bucket: BucketUid,
  { key, ...version }: Pick<VersionRow, 'id' | 'stamp'> & { readonly key: ObjectKey },
  from: Omit<Place, 'length'>,
  to: Place,
): void {
  const row = versionRow(tables, bucket, key, version)
  if (row?.id !== version.id || !isSamePlace(row.manifest, from)) {
    refuse(tables, bucket, { key, id: version.id, at: to })
    return
  }
  const at = headKey(bucket, key)
  const bytes = encodeVersionRow({ ...row, manifest: to })
  if (headRow(tables, bucket, key)?.id === row.id) tables.heads.putSync(at, bytes)
  else tables.versions.putSync(versionKey(at, row), bytes)
}

/** In a transaction: takes away those of a key. */
export function removeVersions(
  tx: IndexTransaction,
  bucket: BucketUid,
  key: ObjectKey,
  isGone: (row: VersionRow) => boolean,
): void {
  const all = allRows(tx.tables, bucket, key)
  const gone = all.filter(isGone)
  const left = all.filter((row) => !isGone(row))
  if (gone.length === 0) return
  for (const row of gone) dropRow(tx, bucket, key, row)
  // Nothing stands at that place of the journal: who compares positions sees that something is not as it was.
  tx.nextSequence(bucket)
  const tips = left.filter(({ tip }) => tip)
  // What only the removed tips descended from is found by its stamp: in one line the latest is the last.
  const last = left.toSorted((a, b) => compareStamps(b.stamp, a.stamp))[0]
  if (tips.length === 0 && last !== undefined) tips.push({ ...last, tip: true })
  writeTips(tx, bucket, key, { before: all[0], tips, older: [], total: left.length })
}

/** In a transaction: as `removeVersions`, for versions that others descend from; what is a tip by now stays. */
export function pruneVersions(
  tx: IndexTransaction,
  bucket: BucketUid,
  key: ObjectKey,
  pruned: readonly VersionRow[],
): void {
  const head = headRow(tx.tables, bucket, key)
  const here = pruned.filter((row) => {
    const now = versionRow(tx.tables, bucket, key, row)
    return now !== undefined && !now.tip && isSamePlace(now.manifest, row.manifest)
  })
  if (head === undefined || here.length === 0) return
  for (const row of here) dropRow(tx, bucket, key, row)
  tx.tables.heads.putSync(headKey(bucket, key), encodeVersionRow({ ...head, others: head.others - here.length }))
}

function dropRow(tx: IndexTransaction, bucket: BucketUid, key: ObjectKey, row: VersionRow): void {
  tx.tables.journals.removeSync(journalKey(bucket, row.sequence))
  tx.tables.versions.removeSync(versionKey(headKey(bucket, key), row))
  tx.countVersions(bucket, -1)
}

interface TipChange {
  readonly before: VersionRow | undefined
  readonly tips: readonly VersionRow[]
  /** Tips until now. */
  readonly older: readonly VersionRow[]
  /** How many versions the key has now. */
  readonly total: number
}

/** The latest of the tips becomes the head; the others, and what is older now, get rows of their own. */
function writeTips(tx: IndexTransaction, bucket: BucketUid, key: ObjectKey, change: TipChange): void {
  const { tables } = tx
  const { before, tips, older, total } = change
  const at = headKey(bucket, key)
  const [latest, ...others] = tips.toSorted((a, b) => compareStamps(b.stamp, a.stamp))
  const head = latest && { ...latest, tips: tips.length, others: total - 1 }
  if (head === undefined) tables.heads.removeSync(at)
  else tables.heads.putSync(at, encodeVersionRow(head))
  if (before !== undefined && head !== undefined) tables.versions.removeSync(versionKey(at, head))
  for (const row of [...others, ...older]) {
    tables.versions.putSync(versionKey(at, row), encodeVersionRow({ ...row, tips: 1, others: 0 }))
  }
  tx.replaceHead(bucket, key, before, head)
}
