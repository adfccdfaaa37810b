import { EfsError } from '../base/errors.js'
import { encodePosition } from '../format/position.js'
import type { Place } from '../format/rows-chunk.js'
import type { VersionRow } from '../format/rows-version.js'
import type { ChunkRef } from '../model/chunk.js'
import type { Done, PublishResult } from '../model/endpoint.js'
import type { BucketUid, VersionId } from '../model/ids.js'
import type { ChunkStore, PublishAs } from '../model/segment.js'
import type { ChunkIndex } from './chunk-index.js'
import type { Committer, Job } from './committer.js'
import type { Group } from './group.js'
import type { IndexTransaction } from './index-transaction.js'
import { namedKey, uidKey } from './keys.js'
import type { Placed } from './pack-writer.js'
import { type PlanContext, type Planned, planPublish } from './publish-plan.js'
import { manifestRecord } from './records.js'
import { lookUnder } from './trees.js'
import { insertVersion, tipRows } from './version-rows.js'

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
}

/** One call of `publish`: its parts go through as many commits as they need. */
export class PublishJob implements Job {
  readonly results: Promise<PublishResult[]>
  readonly #settled: PublishResult[] = []
  #left: Item[]
  #writes: Write[] = []
  #lost: Item[] = []
  #failure: { readonly error: unknown } | undefined
  #resolve: (results: PublishResult[]) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly parts: PublishParts,
    readonly bucket: BucketUid,
    done: readonly Done[],
    readonly as: PublishAs,
    /** Manifests that stand in a pack already, with their log record. */
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
    try {
      await this.#plan(group)
    } catch (error) {
      this.#failure = { error }
    }
  }

  apply(tx: IndexTransaction): void {
    if (this.#failure === undefined && !tx.hasBucket(this.bucket)) this.#failure = { error: noBucket() }
    for (const write of this.#writes) {
      const tips = this.#failure === undefined && tipRows(tx.tables, this.bucket, write.item.done.key)
      if (tips && areThose(tips, write.planned.tips)) this.#insert(tx, write, tips)
      else this.#lose(write)
    }
    const { checkpoint } = this.as
    const isComplete = this.#failure === undefined && this.#left.length === 0 && this.#lost.length === 0
    if (checkpoint === undefined || !isComplete || this.#settled.some(({ status }) => status === 'needs')) return
    const key = namedKey(this.bucket, checkpoint.name)
    tx.tables.checkpoints.putSync(key, encodePosition(checkpoint.position))
  }

  settle(): 'done' | 'again' {
    this.#left.unshift(...this.#lost)
    if (this.#failure !== undefined) this.#reject(this.#failure.error)
    else if (this.#left.length > 0) return 'again'
    else this.#resolve(this.#settled)
    return 'done'
  }

  fail(error: unknown): boolean {
    this.#reject(error)
    return true
  }

  async #plan(group: Group): Promise<void> {
    const { context, index, chunks } = this.parts
    if (!context.tables.uids.doesExist(uidKey(this.bucket))) throw noBucket()
    if (this.as.checkpoint !== undefined) group.rows()
    const items = this.#left.filter(({ done }) => group.claim(this.bucket, done.key))
    const claimed = new Set(items)
    this.#left = this.#left.filter((item) => !claimed.has(item))
    const roots = items.flatMap(({ done }) => rootOf(done) ?? [])
    const together = await lookUnder(roots, index, chunks)
    for (const id of together.whole) group.whole.add(id)
    for (const item of items) {
      const root = rootOf(item.done)
      const missing =
        root === undefined || together.missing.length === 0 ? [] : (await lookUnder([root], index, chunks)).missing
      if (missing.length > 0) this.#settled[item.at] = { status: 'needs', refs: missing }
      else await this.#planOne(item, group)
    }
  }

  async #planOne(item: Item, group: Group): Promise<void> {
    const plan = await planPublish(this.parts.context, this.bucket, item.done, item.after)
    if ('result' in plan) {
      this.#settled[item.at] = plan.result
      return
    }
    const { planned } = plan
    const { id } = planned.version
    const write: Write = { item, planned, place: this.replayed?.get(id) }
    this.#writes.push(write)
    if (write.place !== undefined) return
    group.publish(this.bucket, { key: item.done.key, id }, manifestRecord(id, planned.bytes, write))
  }

  #insert(tx: IndexTransaction, { item, planned, place }: Write, tips: readonly VersionRow[]): void {
    if (place === undefined) throw new RangeError('a manifest that is in no pack')
    const { version, line, covered } = planned
    insertVersion(tx, this.bucket, item.done.key, version, place, { line, covered, tips })
    this.#settled[item.at] = { status: 'published', id: version.id }
  }

  /** A version that was minted in vain must not come back from the packs; one that keeps its id is planned again. */
  #lose({ item: { at, done }, planned: { version }, place }: Write): void {
    this.#lost.push({ at, done, after: version.manifest.stamp.time })
    if ('manifest' in done.content && done.content.id === version.id) return
    const entries = [{ key: done.key, id: version.id, pack: place?.pack }]
    this.parts.committer.refuse({ kind: 'remove', bucket: this.bucket, entries })
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
