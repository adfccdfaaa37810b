import { EfsError } from '../base/errors.js'
import type { LogRecord } from '../format/log.js'
import type { BucketUid } from '../model/ids.js'
import type { Committer, Job } from './commit/committer.js'
import type { Group } from './commit/group.js'
import { childrenPrefix } from './index/keys.js'
import { applyDrop, nameAt } from './index/name-rows.js'
import { readIndexRow } from './index/row.js'
import { rowsUnder, type Tables } from './index/tables.js'
import type { IndexTransaction } from './index/transaction.js'

/**
 * Drops a cluster, tenant or bucket, if it is empty. Only in the transaction is it certain that nothing has come into it, and a pack
 * cannot take back that it was dropped; so the index drops it first, and the next commit says so in the pack.
 */
export class DropJob implements Job {
  readonly done: Promise<void>
  #refusal: unknown
  /** In this commit. */
  #dropping: BucketUid | undefined
  /** In one before. */
  #dropped: BucketUid | undefined
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly committer: Committer,
    readonly path: string,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async prepare(group: Group): Promise<void> {
    if (this.#dropped === undefined) group.rows()
    else group.record(dropOf(this.committer.parts.tables, this.#dropped))
  }

  apply(tx: IndexTransaction): void {
    if (this.#dropped !== undefined) return
    try {
      const uid = emptyAt(tx, this.path)
      applyDrop(tx.tables, uid)
      tx.forget(uid)
      this.#dropping = uid
    } catch (error) {
      if (!(error instanceof EfsError)) throw error
      this.#refusal = error
    }
  }

  settle(): 'done' | 'again' {
    if (this.#dropping !== undefined) {
      this.#dropped = this.#dropping
      this.#dropping = undefined
      return 'again'
    }
    if (this.#dropped === undefined) this.#reject(this.#refusal)
    else this.#resolve()
    return 'done'
  }

  fail(error: unknown): boolean {
    // The index has dropped it: that is still to be said.
    if (this.#dropped !== undefined) this.committer.refuse(dropOf(this.committer.parts.tables, this.#dropped))
    this.#reject(error)
    return true
  }
}

/** @throws NOT_FOUND; NOT_EMPTY */
function emptyAt(tx: IndexTransaction, path: string): BucketUid {
  const named = nameAt(tx.tables, path)
  if (named === undefined) throw noName(path)
  const { kind, uid } = named
  if (rowsUnder(tx.tables.names, childrenPrefix(path), { limit: 1 }).length > 0)
    throw new EfsError('NOT_EMPTY', `${kind} ${path} is not empty`)
  const objects = kind === 'bucket' ? tx.counters(uid).objects : 0
  if (objects > 0) throw new EfsError('NOT_EMPTY', `bucket ${path} is not empty: it has ${objects} objects`)
  return uid
}

export const dropOf = (tables: Tables, uid: BucketUid): LogRecord => ({
  kind: 'drop',
  uid,
  before: readIndexRow(tables).nextPack,
})

export const noName = (path: string): EfsError => new EfsError('NOT_FOUND', `there is no ${path} in this segment`)
