import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.js'
import { EfsError } from '../base/errors.js'
import { decodeLog, encodeLog, type LogRecord } from '../format/log.js'
import { type BucketUid, bucketUid } from '../model/ids.js'
import type { Named, NameSpace } from '../model/name-space.js'
import { kindOfName, parentOf } from '../model/names.js'
import type { Settings } from '../model/settings.js'
import type { Committer, Job } from './committer.js'
import type { Group } from './group.js'
import { readIndexRow } from './index-row.js'
import { bucketRow, type IndexTransaction } from './index-transaction.js'
import { childrenPrefix, nameKey, uidKey } from './keys.js'
import { ALL, removeUnder, rowsUnder, type Tables } from './tables.js'

export type NameRecord = Extract<LogRecord, { kind: 'name' }>

export function createNameSpace(tables: Tables, committer: Committer, clock: Clock): NameSpace {
  const stampAfter = (before: NameRecord | undefined): number =>
    Math.max(clock.nowMs() * 1000, (before?.stamp ?? 0) + 1)

  return {
    find: (path) => rowOf(tables, path)?.named,

    children: (path) => [...rowsUnder(tables.names, childrenPrefix(path))].map(({ value }) => decodeName(value).named),

    create: (path, settings) =>
      change(committer, () => {
        if (rowOf(tables, path) !== undefined) throw new EfsError('EXISTS', `${path} exists already`)
        const parent = parentOf(path)
        if (parent !== '' && rowOf(tables, parent) === undefined) throw notFound(parent)
        const named = { kind: kindOfName(path), uid: newUid(), path, settings, createdMs: clock.nowMs() }
        return { record: { kind: 'name', named, stamp: stampAfter(undefined) }, answer: named }
      }),

    set: (path, settings: Settings) =>
      change(committer, () => {
        const before = rowOf(tables, path)
        if (before === undefined) throw notFound(path)
        const named = { ...before.named, settings }
        return { record: { kind: 'name', named, stamp: stampAfter(before) }, answer: named }
      }),

    drop: (path) =>
      change(committer, () => {
        const named = rowOf(tables, path)?.named
        if (named === undefined) throw notFound(path)
        refuseUnlessEmpty(tables, named)
        return { record: dropOf(tables, named.uid), answer: undefined }
      }),
  }
}

/** In a transaction: the row of a cluster, tenant or bucket. A path that is another's stays so, and a later change wins. */
export function applyName(tables: Tables, record: NameRecord): void {
  const { uid, path } = record.named
  const before = rowOf(tables, path)
  if (before !== undefined && (before.named.uid !== uid || before.stamp > record.stamp)) return
  tables.names.putSync(nameKey(path), Buffer.from(encodeLog(record)))
  tables.uids.putSync(uidKey(uid), Buffer.from(path))
}

/** In a transaction: takes it away with everything that its uid has. */
export function applyDrop(tables: Tables, uid: BucketUid): void {
  const path = tables.uids.get(uidKey(uid))?.toString()
  if (path === undefined) return
  tables.names.removeSync(nameKey(path))
  for (const table of [
    tables.uids,
    tables.buckets,
    tables.heads,
    tables.versions,
    tables.journals,
    tables.epochs,
    tables.cells,
    tables.checkpoints,
    tables.baselines,
  ]) {
    removeUnder(table, uidKey(uid))
  }
}

/** The buckets of all tenants. */
export function buckets(tables: Tables): Named[] {
  return [...rowsUnder(tables.names, ALL)]
    .map(({ value }) => decodeName(value).named)
    .filter(({ kind }) => kind === 'bucket')
}

interface Change<T> {
  readonly record: LogRecord
  readonly answer: T
}

/** `decide` is asked before the record is written and again in the transaction: in between another process may have been quicker. */
function change<T>(committer: Committer, decide: () => Change<T>): Promise<T> {
  committer.throwPastFailure()
  const job = new NameJob(committer, decide)
  committer.submit(job)
  return job.answer
}

class NameJob<T> implements Job {
  readonly answer: Promise<T>
  #decided: Change<T> | undefined
  #refusal: unknown
  #resolve: (answer: T) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly committer: Committer,
    readonly decide: () => Change<T>,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async prepare(group: Group): Promise<void> {
    this.#decided = this.#ask()
    if (this.#decided !== undefined) group.record(this.#decided.record)
  }

  apply({ tables }: IndexTransaction): void {
    const { record } = this.#decided ?? {}
    if (record === undefined) return
    const stillHolds = this.#ask() !== undefined
    if (stillHolds && record.kind === 'name') applyName(tables, record)
    if (stillHolds && record.kind === 'drop') applyDrop(tables, record.uid)
    // Nobody has the uid of a name that was not made; a set or a drop that came too late is of one that is gone.
    if (!stillHolds && record.kind === 'name') this.committer.refuse(dropOf(tables, record.named.uid))
  }

  settle(): 'done' {
    if (this.#decided === undefined || this.#refusal !== undefined) this.#reject(this.#refusal)
    else this.#resolve(this.#decided.answer)
    return 'done'
  }

  fail(error: unknown): boolean {
    this.#reject(error)
    return true
  }

  #ask(): Change<T> | undefined {
    try {
      return this.decide()
    } catch (error) {
      this.#refusal = error
      return undefined
    }
  }
}

const dropOf = (tables: Tables, uid: BucketUid): LogRecord => ({
  kind: 'drop',
  uid,
  before: readIndexRow(tables).nextPack,
})

function refuseUnlessEmpty(tables: Tables, { kind, path, uid }: Named): void {
  const children = [...rowsUnder(tables.names, childrenPrefix(path), { limit: 1 })].length
  if (children > 0) throw new EfsError('NOT_EMPTY', `${kind} ${path} is not empty`)
  const { objects } = bucketRow(tables, uid)
  if (objects > 0) throw new EfsError('NOT_EMPTY', `bucket ${path} is not empty: it has ${objects} objects`)
}

function rowOf(tables: Tables, path: string): NameRecord | undefined {
  const bytes = tables.names.get(nameKey(path))
  return bytes && decodeName(bytes)
}

/** Of a row of the table of names. @throws CORRUPT */
export function decodeName(bytes: Buffer): NameRecord {
  const record = decodeLog(bytes)
  if (record.kind !== 'name') throw new EfsError('CORRUPT', 'a row of the table of names is damaged')
  return record
}

const newUid = (): BucketUid => bucketUid(randomBytes(16).toString('hex'))
const notFound = (path: string): EfsError => new EfsError('NOT_FOUND', `there is no ${path} in this segment`)
