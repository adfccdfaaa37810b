import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.js'
import { EfsError } from '../base/errors.js'
import type { LogRecord } from '../format/log.js'
import { type BucketUid, bucketUid } from '../model/ids.js'
import type { Named, NameSpace } from '../model/name-space.js'
import { kindOfName, parentOf } from '../model/names.js'
import type { Settings } from '../model/settings.js'
import { sweepDropped } from './collect/dropped.js'
import type { Committer, Job } from './commit/committer.js'
import type { Group } from './commit/group.js'
import { DropJob, dropOf, noName } from './drop-job.js'
import { childrenPrefix } from './index/keys.js'
import { writeNameFile } from './index/name-file.js'
import { applyName, type NameRecord, nameAt, nameRecord, nameRecordAt } from './index/name-rows.js'
import { rowsUnder, type Tables } from './index/tables.js'
import type { IndexTransaction } from './index/transaction.js'

export function createNameSpace(tables: Tables, committer: Committer, clock: Clock): NameSpace {
  const stampAfter = (before: NameRecord | undefined): number =>
    Math.max(clock.nowMs() * 1000, (before?.stamp ?? 0) + 1)

  async function create(path: string, settings: Settings): Promise<Named> {
    const created = await change(committer, () => {
      if (nameRecordAt(tables, path) !== undefined) throw new EfsError('EXISTS', `${path} exists already`)
      const parent = parentOf(path)
      if (parent !== '' && nameRecordAt(tables, parent) === undefined) throw noName(parent)
      const named = { kind: kindOfName(path), uid: newUid(), path, settings, createdMs: clock.nowMs() }
      return { record: { kind: 'name', named, stamp: stampAfter(undefined) }, answer: named }
    })
    writeNameFile(tables)
    return created
  }

  function set(path: string, settingsOf: (before: Settings) => Settings): Promise<Named> {
    let mine = 0
    return change(committer, () => {
      const before = nameRecordAt(tables, path)
      if (before === undefined) throw noName(path)
      const settings = settingsOf(before.named.settings)
      if (settings === before.named.settings) return { answer: before.named, from: before.stamp }
      const named = { ...before.named, settings }
      // Later than what this same change may have written in vain.
      mine = Math.max(stampAfter(before), mine + 1)
      return { record: { kind: 'name', named, stamp: mine }, answer: named, from: before.stamp }
    })
  }

  async function drop(path: string): Promise<void> {
    committer.throwPastFailure()
    const job = new DropJob(committer, path)
    committer.submit(job)
    await job.done
    writeNameFile(tables)
    await sweepDropped(tables, { dryRun: false })
  }

  return {
    find: (path) => nameAt(tables, path),

    children: (path) => rowsUnder(tables.names, childrenPrefix(path)).map(({ value }) => nameRecord(value).named),

    create,

    set,

    drop,
  }
}

interface Change<T> {
  /** Absent where nothing is to change. */
  readonly record?: LogRecord
  readonly answer: T
  /** The stamp of the name that it is a change of; where that is another one by now, it is decided again. */
  readonly from?: number
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
  /** The name was changed by another one between the decision and the transaction. */
  #isLate = false
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
    const record = this.#decided?.record
    if (record !== undefined) group.record(record)
  }

  apply({ tables }: IndexTransaction): void {
    const { record, from } = this.#decided ?? {}
    if (record === undefined) return
    const now = this.#ask()
    this.#isLate = now !== undefined && now.from !== from
    if (this.#isLate) return
    const stillHolds = now !== undefined
    if (stillHolds && record.kind === 'name') applyName(tables, record)
    // Nobody has the uid of a name that was not made; a set that came too late is of one that is gone.
    if (!stillHolds && record.kind === 'name') this.committer.refuse(dropOf(tables, record.named.uid))
  }

  settle(): 'done' | 'again' {
    if (this.#isLate) return 'again'
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

const newUid = (): BucketUid => bucketUid(randomBytes(16).toString('hex'))
