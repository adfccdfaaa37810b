import { EfsError } from '../../base/errors.js'
import type { Place } from '../../format/rows-chunk.js'
import type { CollectionRow } from '../../format/rows-home.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import type { BucketUid, ChunkId, VersionId } from '../../model/ids.js'
import type { ChunkStore, PublishAs } from '../../model/segment.js'
import { agreeOn } from '../baselines.js'
import { settleMove } from '../checkpoints.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { viewKey } from '../index/key-view.js'
import { uidKey } from '../index/keys.js'
import type { IndexTransaction } from '../index/transaction.js'
import { insertVersion, tipRows, versionRow } from '../index/version-rows.js'
import { manifestRecord } from '../packs/records.js'
import type { Placed } from '../packs/writer.js'
import { lookUnder, type TreeState } from '../trees.js'
import type { Committer, Job } from './committer.js'
import { excessBehind, excessRows } from './excess.js'
import type { Group } from './group.js'
import { type PlanContext, type Planned, planPublish } from './publish-plan.js'
import { refuse } from './refused.js'
import { type Removal, removeEntries, stillTooMany, takeAway } from './removal-job.js'
import { Room, takeRoom } from './room.js'
import { NO_RULES, type Rules, rulesOf } from './rules.js'

export interface PublishParts {
  readonly context: PlanContext
  readonly index: ChunkIndex
  readonly chunks: ChunkStore
  readonly committer: Committer
}

/** One thing to be published, and where its result goes. */
interface Item {
  readonly at: number
  readonly done: Done
  /** Stamp time in microseconds of a version of it that was refused: the next one is to be later. */
  readonly after: number
}

interface Write extends Placed {
  readonly item: Item
  readonly planned: Planned
  /** What the key then has too many of: versions that others descend from already, and tips that this one takes over from. */
  readonly pruned: readonly VersionRow[]
  readonly prunedLater: readonly VersionRow[]
}

/** One call of `publish`: its parts go through as many commits as they need. */
export class PublishJob implements Job {
  readonly results: Promise<PublishResult[]>
  readonly #settled: PublishResult[] = []
  #left: Item[]
  #writes: Write[] = []
  #lost: Item[] = []
  #tooMany: Removal[] = []
  #rules: Rules = NO_RULES
  #unsafe: ReadonlySet<ChunkId> = new Set()
  #plannedAt: number | undefined
  #isMoved = false
  #failure: { readonly error: unknown } | undefined
  #resolve: (results: PublishResult[]) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly parts: PublishParts,
    readonly bucket: BucketUid,
    readonly done: readonly Done[],
    readonly as: PublishAs,
    /** Manifests that stand in a pack already, with their log record; what it says about the bucket's rules was obeyed then. */
    readonly replayed?: ReadonlyMap<VersionId, Place>,
  ) {
    this.#left = done.map((each, at) => ({ at, done: each, after: 0 }))
    this.results = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async prepare(group: Group): Promise<void> {
    this.#writes = []
    this.#lost = []
    this.#tooMany = stillTooMany(this.parts.context.tables, this.bucket, this.#tooMany)
    this.#plannedAt = group.collection.tick
    try {
      await this.#plan(group)
      // Only now: where one thing fails nothing of the rest comes, so nothing gives way to it.
      this.#tooMany.push(...this.#writes.map(({ item, pruned }) => ({ key: item.done.key, rows: pruned })))
    } catch (error) {
      this.#failure = { error }
    }
    for (const removal of this.#tooMany) group.remove(this.bucket, removeEntries(removal))
  }

  apply(tx: IndexTransaction): void {
    const isThere = tx.hasBucket(this.bucket)
    if (!isThere) this.#failure ??= { error: noBucket() }
    const removed = this.#tooMany.splice(0)
    const isSafe = this.#failure === undefined && this.#keepsChunks(tx.collection)
    for (const write of this.#writes) {
      const { key } = write.item.done
      const tips = isSafe && tipRows(tx.tables, this.bucket, key)
      if (tips && areThose(tips, write.planned.tips) && !this.#isIn(tx, write)) this.#insert(tx, write, tips)
      else this.#lose(tx, write)
    }
    // Their removal is in the pack by now, whatever became of what came.
    this.#tooMany.push(...takeAway(tx, this.bucket, removed))
    const { move } = this.as
    const isComplete = this.#failure === undefined && this.#left.length + this.#lost.length === 0
    if (move === undefined || this.#isMoved || !isComplete) return
    // What is too many goes in a commit more, which is to park nothing once more.
    this.#isMoved = true
    const nowMs = this.parts.context.clock.nowMs()
    settleMove(tx.tables, this.bucket, move, { done: this.done, results: this.#settled, nowMs })
  }

  settle(): 'done' | 'again' {
    this.#left.unshift(...this.#lost)
    if (this.#failure !== undefined) this.#reject(this.#failure.error)
    else if (this.#left.length + this.#tooMany.length > 0) return 'again'
    else this.#resolve(this.#settled)
    return 'done'
  }

  fail(error: unknown): boolean {
    this.#reject(error)
    return true
  }

  async #plan(group: Group): Promise<void> {
    const { tables } = this.parts.context
    if (!tables.uids.doesExist(uidKey(this.bucket))) throw noBucket()
    if (this.replayed === undefined) this.#rules = rulesOf(this.parts.context, this.bucket)
    if (this.as.move !== undefined) group.rows()
    const items = this.#left.filter(({ done }) => group.claim(this.bucket, done.key))
    const claimed = new Set(items)
    this.#left = this.#left.filter((item) => !claimed.has(item))
    const together = await this.#lookUnder(
      items.flatMap(({ done }) => rootOf(done) ?? []),
      group,
    )
    this.#unsafe = together.unsafe
    for (const id of together.whole) group.whole.add(id)
    for (const item of items) {
      const root = rootOf(item.done)
      const isLacking = root !== undefined && together.missing.length > 0
      const missing = isLacking ? (await this.#lookUnder([root], group)).missing : []
      if (missing.length > 0) this.#settled[item.at] = { status: 'needs', refs: missing }
      else await this.#planOne(item, group)
    }
  }

  #lookUnder(roots: readonly ChunkRef[], { collection }: Group): Promise<TreeState> {
    return lookUnder(roots, { ...this.parts, collecting: collection.unfinished, vouched: this.as.vouched === true })
  }

  async #planOne(item: Item, group: Group): Promise<void> {
    const { context } = this.parts
    const { done } = item
    const view = viewKey(context.tables, context.manifests, this.bucket, done.key)
    const isReplayed = this.replayed !== undefined
    const { keepOlder = isReplayed, vouched: isPast = isReplayed } = this.as
    const plan = await planPublish(context, { ...item, bucket: this.bucket }, view, { ...this.as, keepOlder, isPast })
    if ('result' in plan) {
      this.#settled[item.at] = plan.result
      return
    }
    const { planned } = plan
    const { id, manifest } = planned.version
    const why = takeRoom(group.room(this.bucket, this.#rules, context.tables), planned, view.tips)
    if (why !== undefined) {
      this.#settled[item.at] = { status: 'parked', why }
      return
    }
    const joining = { ...planned, id, stamp: manifest.stamp, vector: manifest.vector }
    const excess = planned.line === 'tip' ? excessRows : excessBehind
    const pruned = await excess(context, this.bucket, done.key, this.#rules.keep, joining)
    if (pruned === undefined) {
      this.#settled[item.at] = { status: 'superseded' }
      return
    }
    const write: Write = {
      item,
      planned,
      pruned: pruned.filter(({ tip }) => !tip),
      prunedLater: pruned.filter(({ tip }) => tip),
      place: this.replayed?.get(id),
    }
    this.#writes.push(write)
    if (write.place !== undefined) return
    group.publish(this.bucket, { key: done.key, id }, manifestRecord(id, planned.bytes, write))
  }

  /**
   * In the transaction: what was found here is still here, and stays. While no collection began or ended since the plan, only what
   * it had condemned could go; while one runs, anything that was looked at.
   */
  #keepsChunks({ tick }: CollectionRow): boolean {
    return tick === this.#plannedAt && this.parts.index.pardon(this.#unsafe)
  }

  #insert(tx: IndexTransaction, write: Write, tips: readonly VersionRow[]): void {
    const { item, planned, place } = write
    if (place === undefined) throw new RangeError('a manifest that is in no pack')
    const { version, line, covered } = planned
    const { by, baseline } = this.as
    const why = takeRoom(new Room(this.#rules, tx.counters(this.bucket)), planned, tips)
    if (why !== undefined) {
      this.#refuse(tx, write, place)
      this.#settled[item.at] = { status: 'parked', why }
      return
    }
    insertVersion(tx, this.bucket, item.done.key, version, place, { line, covered, tips, by })
    if (baseline !== undefined) agreeOn(tx.tables, this.bucket, baseline, item.done, version.id)
    // Only now that it is in may the pack say that the tips before it are gone.
    if (write.prunedLater.length > 0) this.#tooMany.push({ key: item.done.key, rows: write.prunedLater })
    this.#settled[item.at] = { status: 'published', id: version.id }
  }

  /** An older version changes no tip, so another process may have written the same one. */
  #isIn({ tables }: IndexTransaction, { item, planned: { line, version } }: Write): boolean {
    const at = { id: version.id, stamp: version.manifest.stamp }
    return line === 'older' && versionRow(tables, this.bucket, item.done.key, at) !== undefined
  }

  #lose(tx: IndexTransaction, write: Write): void {
    const { at, done } = write.item
    this.#lost.push({ at, done, after: write.planned.version.manifest.stamp.time })
    // What is replayed stands where it stood; anything else is written again where it is still wanted.
    if (this.replayed === undefined && write.place !== undefined) this.#refuse(tx, write, write.place)
  }

  /** A version that was written in vain must not come back from the packs. */
  #refuse({ tables }: IndexTransaction, { item, planned }: Write, at: Place): void {
    refuse(tables, this.bucket, { key: item.done.key, id: planned.version.id, at })
  }
}

/** Another process may have written to the key since it was planned; then it is planned anew on what is there now. */
const areThose = (tips: readonly VersionRow[], ids: readonly VersionId[]): boolean =>
  tips.length === ids.length && tips.every(({ id }, i) => id === ids[i])

function rootOf({ content }: Done): ChunkRef | undefined {
  const { root } = 'manifest' in content ? content.manifest : content
  return 'inline' in root ? undefined : root.ref
}

const noBucket = (): EfsError => new EfsError('NOT_FOUND', 'that bucket is not in this segment any more')
