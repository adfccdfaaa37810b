import type { RemoveEntry } from '../../format/log.js'
import { isSamePlace } from '../../format/rows-chunk.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { BucketUid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { uidKey } from '../index/keys.js'
import type { Tables } from '../index/tables.js'
import type { IndexTransaction } from '../index/transaction.js'
import { pruneVersions, removeVersions, versionRow } from '../index/version-rows.js'
import type { Job } from './committer.js'
import type { Group } from './group.js'

/** Versions of one key that go for good. */
export interface Removal {
  readonly key: ObjectKey
  readonly rows: readonly VersionRow[]
}

/** What the pack says of it. */
export const removeEntries = ({ key, rows }: Removal): RemoveEntry[] =>
  rows.map(({ id, manifest: { pack, offset } }) => ({ key, id, at: { pack, offset } }))

/** What there is of them, where it stands now. */
function stillHere(tables: Tables, bucket: BucketUid, removals: readonly Removal[]): Removal[] {
  if (!tables.uids.doesExist(uidKey(bucket))) return []
  return removals.flatMap(({ key, rows }) => {
    const here = rows.flatMap((row) => {
      const now = versionRow(tables, bucket, key, row)
      return now?.id === row.id ? now : []
    })
    return here.length === 0 ? [] : [{ key, rows: here }]
  })
}

/** The same of what was too many: what is a tip again by now, because what came after it was removed, is not that any more. */
export const stillTooMany = (tables: Tables, bucket: BucketUid, removals: readonly Removal[]): Removal[] =>
  stillHere(tables, bucket, removals)
    .map(({ key, rows }) => ({ key, rows: rows.filter(({ tip }) => !tip) }))
    .filter(({ rows }) => rows.length > 0)

/** In a transaction, once the pack says so: what stands where that says is gone, even a tip. Gives what was moved by then. */
export function takeAway(tx: IndexTransaction, bucket: BucketUid, removals: readonly Removal[]): Removal[] {
  if (!tx.hasBucket(bucket)) return []
  for (const removal of removals) takeOne(tx, bucket, removal)
  return stillHere(tx.tables, bucket, removals)
}

function takeOne(tx: IndexTransaction, bucket: BucketUid, { key, rows }: Removal): void {
  // That leaves the few that are tips, and with them what has to be looked at among all versions of the key.
  pruneVersions(tx, bucket, key, rows)
  const tips = rows.filter((row) => versionRow(tx.tables, bucket, key, row)?.tip)
  const isGone = ({ id, manifest }: VersionRow): boolean =>
    tips.some((tip) => tip.id === id && isSamePlace(tip.manifest, manifest))
  if (tips.length > 0) removeVersions(tx, bucket, key, isGone)
}

/**
 * Takes versions away for good. Once the pack says so it is so, whatever else was written to these keys meanwhile: what
 * descends from them stays. The pack says it of a place; what a collection has moved by then goes in the next commit.
 */
export class RemovalJob implements Job {
  readonly done: Promise<void>
  #left: readonly Removal[]
  #floor: number | undefined
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly tables: Tables,
    readonly bucket: BucketUid,
    removals: readonly Removal[],
    /** Deletes of before are among them; microseconds since 1970. */
    floor?: number,
  ) {
    this.#left = removals
    this.#floor = floor
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async prepare(group: Group): Promise<void> {
    this.#left = stillHere(this.tables, this.bucket, this.#left)
    if (this.#floor !== undefined) group.record({ kind: 'floor', bucket: this.bucket, stamp: this.#floor })
    group.remove(this.bucket, this.#left.flatMap(removeEntries))
  }

  apply(tx: IndexTransaction): void {
    if (this.#floor !== undefined && tx.hasBucket(this.bucket)) tx.raiseFloor(this.bucket, this.#floor)
    this.#floor = undefined
    this.#left = takeAway(tx, this.bucket, this.#left)
  }

  settle(): 'done' | 'again' {
    if (this.#left.length > 0) return 'again'
    this.#resolve()
    return 'done'
  }

  fail(error: unknown): boolean {
    this.#reject(error)
    return true
  }
}
