import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { encodeLog, type LogRecord } from '../../format/log.js'
import { readCollectionRow } from '../collection-row.js'
import { ring } from '../doorbell.js'
import { homePaths } from '../home.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { type Tables, transact } from '../index/tables.js'
import { IndexTransaction } from '../index/transaction.js'
import { logRecord } from '../packs/records.js'
import type { PackWriter } from '../packs/writer.js'
import { assertRoomForRows, storeError } from '../store-error.js'
import { Group } from './group.js'
import { forgetRefused, type Refused, refusedRows } from './refused.js'

/** Something that is written by a commit. */
export interface Job {
  /** Reads and decides; puts into the group what is written in front of its rows. Keeps its own failures to itself. */
  prepare(group: Group): Promise<void>
  /** Writes its rows. What it finds changed since `prepare` it does not write. */
  apply(tx: IndexTransaction): void
  /** The commit is on the disk. `again`: the rest goes into the next one. */
  settle(): 'done' | 'again'
  /** Nothing of it was written. Returns whether anybody hears it. */
  fail(error: unknown): boolean
}

export interface CommitterParts {
  readonly tables: Tables
  readonly chunks: ChunkIndex
  readonly writer: PackWriter
  readonly clock: Clock
}

/** Chunks without a row are held in memory, so their number is bounded as well as their bytes. */
const CHUNKS_MAX = 16_384
const JOBS_WAITING_MAX = 64

/**
 * The one place that makes things durable. Calls that come while a commit is under way share the next one. A commit
 * that fails drops everything since the one before: its callers are told, the packs are cut back, and chunks that
 * were put since are not here any more. What is tried again later can succeed.
 */
export class Committer {
  #queue: Job[] = []
  #refused: LogRecord[] = []
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined
  #isRestDue = false
  #unheard: { readonly error: unknown } | undefined

  constructor(readonly parts: CommitterParts) {}

  /** Runs at once when idle. */
  submit(job: Job): void {
    this.#queue.push(job)
    this.#start()
  }

  /** Runs with the next commit, at the latest after LIMITS.commitDelayMsMax. Settles when there is room for more. */
  async submitLazily(job: Job): Promise<void> {
    this.#queue.push(job)
    if (this.#queue.length > JOBS_WAITING_MAX) await this.room()
    else this.#startSoon()
  }

  /** Chunks have been put: they are committed when they are many, or after a while. */
  noticePut(): void {
    const { chunks } = this.parts
    if (chunks.pendingBytes >= LIMITS.commitBytesMax || chunks.pendingCount >= CHUNKS_MAX) this.#start()
    else this.#startSoon()
  }

  /** Settles when the commit that is under way, or the next one, has ended. */
  room(): Promise<void> {
    this.#start()
    return this.#running ?? Promise.resolve()
  }

  /** Settles when everything so far is durable. */
  flush(): Promise<void> {
    this.throwPastFailure()
    return new Promise((resolve, reject) => this.submit(flushJob(resolve, reject)))
  }

  /** Settles when the packs that this process wrote are sealed, as far as they are committed. */
  async seal(): Promise<void> {
    await this.flush()
    await this.parts.writer.seal()
  }

  /** The same, and nothing comes after it. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#running
      clearTimeout(this.#rest)
      await this.parts.writer.close()
    }
  }

  /** What stands in a pack but not in the index: the next commit says that it does not count. */
  refuse(record: LogRecord): void {
    this.#refused.push(record)
  }

  /** @throws what made a commit fail that nobody waited for, once. */
  throwPastFailure(): void {
    const past = this.#unheard
    this.#unheard = undefined
    if (past !== undefined) throw past.error
  }

  #startSoon(): void {
    this.#timer ??= setTimeout(() => this.#start(), LIMITS.commitDelayMsMax).unref()
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // A job may have come between the last look at the queue and here.
      if (this.#queue.length > 0) this.#start()
      else this.#restSoon()
    })
  }

  /**
   * After a while the packs are sealed as soon as nothing is on its way, however often something is written: collections take what has
   * come since they were opened for what this process is about to need.
   */
  #restSoon(): void {
    this.#rest ??= setTimeout(() => {
      this.#isRestDue = true
      if (this.#running === undefined) this.#restIfDue()
    }, LIMITS.packIdleMs).unref()
    this.#restIfDue()
  }

  #restIfDue(): void {
    if (!this.#isRestDue || this.parts.chunks.pendingCount > 0) return
    this.#isRestDue = false
    this.#rest = undefined
    // What cannot be sealed now is looked at by who opens the home after this process.
    this.parts.writer.seal().catch(() => undefined)
  }

  async #run(): Promise<void> {
    // Who calls in the same turn shares the commit.
    await Promise.resolve()
    do {
      const jobs = this.#queue
      this.#queue = []
      await this.#commit(jobs)
    } while (this.#queue.length > 0)
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    const refused = this.#refused
    this.#refused = []
    try {
      // A chunk that these jobs count on may be in another caller's hands: before they look it is in a file, or is not here.
      await this.parts.writer.idle()
      const group = new Group(refused, readCollectionRow(this.parts.tables))
      for (const job of jobs) await job.prepare(group)
      const told = refusedRows(this.parts.tables)
      for (const { bucket, entry } of told) group.remove(bucket, [entry])
      await this.#write(group, jobs, told)
    } catch (error) {
      this.#refused.unshift(...refused)
      await this.#fail(storeError(error, this.parts.tables.home), jobs)
      return
    }
    const unfinished = jobs.filter((job) => job.settle() === 'again')
    this.#queue.unshift(...unfinished)
  }

  /**
   * The order of writes. Chunks and nodes are in the pack since they were put; then manifests; then one log record a
   * bucket; then sync of the pack; then one LMDB transaction, durable when it returns. Only then is anything
   * acknowledged and the bell rung.
   */
  async #write(group: Group, jobs: readonly Job[], told: readonly Refused[]): Promise<void> {
    const { tables, chunks, writer, clock } = this.parts
    if (group.isEmpty && chunks.pendingCount === 0) return
    await writer.append([...group.records, ...group.log().map((record) => logRecord(encodeLog(record)))])
    const marks = writer.marks()
    const written = chunks.written()
    await writer.sync(marks)
    // A reader that was killed would keep the pages of then from being used again.
    tables.root.readerCheck()
    if (group.records.length > 0) assertRoomForRows(tables.home, written.length + group.records.length)
    transact(tables, () => {
      const tx = new IndexTransaction(tables)
      if (tx.segment !== writer.guid) throw adoptedSince(tables.home)
      chunks.insert(written)
      if (tx.isUncollectedSince(group.collection)) chunks.markWhole(group.whole)
      forgetRefused(tables, told)
      for (const job of jobs) job.apply(tx)
      tx.finish()
      writer.writeOwners(marks)
    })
    for (const pending of written) chunks.drop(pending)
    await writer.indexed(marks)
    ring(homePaths(tables.home).doorbell, clock.nowMs())
  }

  async #fail(error: unknown, jobs: readonly Job[]): Promise<void> {
    const { chunks, writer } = this.parts
    const waiting = [...jobs, ...this.#queue.splice(0)]
    await writer.reset(() => {
      for (const pending of chunks.written()) chunks.drop(pending)
    })
    const heard = waiting.map((job) => job.fail(error))
    if (!heard.includes(true)) this.#unheard = { error }
  }
}

const flushJob = (resolve: () => void, reject: (error: unknown) => void): Job => ({
  prepare: () => Promise.resolve(),
  apply: () => undefined,
  settle: () => {
    resolve()
    return 'done'
  },
  fail: (error) => {
    reject(error)
    return true
  },
})

/** What this process stamps is the GUID of before, which another home goes on with. */
const adoptedSince = (home: string): EfsError =>
  new EfsError('CONFLICT', `${home} was adopted as a segment of its own in the meantime`, { hint: 'run it again' })
