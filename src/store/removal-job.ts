import type { RemoveEntry } from '../format/log.js'
import type { VersionRow } from '../format/rows-version.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Job } from './committer.js'
import type { Group } from './group.js'
import type { IndexTransaction } from './index-transaction.js'
import { pruneVersions, removeVersions, versionRow } from './version-rows.js'

/** Versions of one key that go for good. */
export interface Removal {
  readonly key: ObjectKey
  readonly rows: readonly VersionRow[]
}

/** What the pack says of it. */
export const removeEntries = ({ key, rows }: Removal): RemoveEntry[] =>
  rows.map(({ id, manifest }) => ({ key, id, pack: manifest.pack }))

/**
 * Takes versions away for good. Once the pack says so it is so, whatever else was written to these keys meanwhile: what
 * descends from them stays.
 */
export class RemovalJob implements Job {
  readonly done: Promise<void>
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly bucket: BucketUid,
    readonly removals: readonly Removal[],
    /** Deletes of before are among them; microseconds since 1970. */
    readonly floor?: number,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async prepare(group: Group): Promise<void> {
    if (this.floor !== undefined) group.record({ kind: 'floor', bucket: this.bucket, stamp: this.floor })
    group.remove(this.bucket, this.removals.flatMap(removeEntries))
  }

  apply(tx: IndexTransaction): void {
    if (!tx.hasBucket(this.bucket)) return
    if (this.floor !== undefined) tx.raiseFloor(this.bucket, this.floor)
    for (const { key, rows } of this.removals) {
      // That leaves the few that are tips, and with them what has to be looked at among all versions of the key.
      pruneVersions(tx, this.bucket, key, rows)
      const tips = rows.filter((row) => versionRow(tx.tables, this.bucket, key, row) !== undefined)
      if (tips.length > 0) removeVersions(tx, this.bucket, key, new Set(tips.map(({ id }) => id)))
    }
  }

  settle(): 'done' {
    this.#resolve()
    return 'done'
  }

  fail(error: unknown): boolean {
    this.#reject(error)
    return true
  }
}
