import { EfsError } from '../base/errors.js'
import { IdSet } from '../base/id-set.js'
import { childrenOf } from '../format/node.js'
import type { Brought } from '../model/brought.js'
import type { Chunk, ChunkRef } from '../model/chunk.js'
import type { CallOptions, Done, PublishResult } from '../model/endpoint.js'
import type { BucketUid, SegmentGuid } from '../model/ids.js'
import type { LiveBucket } from '../model/live.js'
import type { Root } from '../model/manifest.js'
import type { Position } from '../model/position.js'
import type { VersionRef } from '../model/version-ref.js'
import type { EarlyNodes } from './early-nodes.js'

/** Nobody's: what a domain looks at is left out for no peer. */
const NOBODY = '0'.repeat(32) as SegmentGuid

/**
 * The chunks that the buckets of one tenant hold, or held. What a peer asks for and brings stays within: to know the id of a chunk
 * gives no right to its bytes, nor to learn that it is here. A node is in it only after all that is under it; the same bytes as a
 * leaf are something else, since nothing was asked of what they name.
 * It is learnt from the journals and from what was noted as brought, in memory, and never forgets.
 */
export class Domain {
  readonly #leaves = new IdSet()
  readonly #nodes = new IdSet()
  readonly #upTo = new Map<BucketUid, Position>()
  #learning: Promise<void> | undefined
  #knowsBrought = false

  /** `buckets`: those that the tenant has now. */
  constructor(
    readonly buckets: () => Iterable<LiveBucket>,
    readonly brought: Brought,
  ) {}

  has = ({ id, node }: Pick<ChunkRef, 'id' | 'node'>): boolean => (node ? this.#nodes : this.#leaves).has(id)

  add({ id, node }: ChunkRef): void {
    const ids = node ? this.#nodes : this.#leaves
    ids.add(id)
  }

  /** A chunk whose bytes somebody showed. */
  bring(chunk: Chunk, early: EarlyNodes): void {
    const lacking = chunk.ref.node ? childrenOf(chunk).filter((child) => !this.has(child)) : []
    if (lacking.length === 0) this.add(chunk.ref)
    else early.add(this, chunk.ref, lacking)
  }

  /** After a restart these are known too. Not so nodes: they come again, and are held against what is under them again. */
  async note(chunks: readonly Chunk[]): Promise<void> {
    const ids = chunks.flatMap(({ ref }) => (ref.node ? [] : [ref.id]))
    if (ids.length > 0) await this.brought.note(ids)
  }

  /** Takes in what the buckets have got since the last time. */
  learn(): Promise<void> {
    this.#learning ??= this.#learnAll().finally(() => {
      this.#learning = undefined
    })
    return this.#learning
  }

  async #learnAll(): Promise<void> {
    if (!this.#knowsBrought) for await (const ids of this.brought.all()) for (const id of ids) this.#leaves.add(id)
    this.#knowsBrought = true
    for (const bucket of this.buckets()) await this.#learnOf(bucket)
  }

  async #learnOf({ source, uid }: LiveBucket): Promise<void> {
    const start = async (): Promise<Position> => ({ ...(await source.position()), sequence: 0 })
    let since = this.#upTo.get(uid) ?? (await start())
    for (;;) {
      const page = await source.changes(since, { without: NOBODY })
      if (page === undefined) since = await start()
      else {
        await this.#walk(page.refs.flatMap(rootOf), source)
        this.#upTo.set(uid, page.upTo)
        if (!page.more) return
        since = page.upTo
      }
    }
  }

  /** Children before parents. What is lost by now is nobody's to read. */
  async #walk(refs: readonly ChunkRef[], source: LiveBucket['source']): Promise<void> {
    for (const ref of refs) {
      if (this.has(ref)) continue
      const node = ref.node ? await nodeOf(ref, source) : undefined
      if (ref.node && node === undefined) continue
      if (node !== undefined) await this.#walk(childrenOf(node), source)
      this.add(ref)
    }
  }
}

async function nodeOf(ref: ChunkRef, source: LiveBucket['source']): Promise<Chunk | undefined> {
  try {
    const [node] = await source.fetch([ref])
    return node
  } catch (error) {
    if (error instanceof EfsError && (error.code === 'NOT_FOUND' || error.code === 'CORRUPT')) return undefined
    throw error
  }
}

const rootOf = ({ held }: VersionRef): ChunkRef[] => (held?.root === undefined ? [] : [held.root.ref])
const refOf = (root: Root): ChunkRef | undefined => ('inline' in root ? undefined : root.ref)
const rootOfDone = ({ content }: Done): ChunkRef | undefined =>
  refOf('manifest' in content ? content.manifest.root : content.root)

/** The bucket as a peer may use it that has the right to this tenant and to no other; `early` are of its session. */
export function withinDomain(bucket: LiveBucket, domain: Domain, early: EarlyNodes): LiveBucket {
  const { source, sink } = bucket
  const outside = (refs: readonly ChunkRef[]): ChunkRef[] => refs.filter((ref) => !domain.has(ref))

  async function missing(refs: readonly ChunkRef[], options?: CallOptions): Promise<ChunkRef[]> {
    const gone = new Set((await sink.missing(refs, options)).map(({ id }) => id))
    if (refs.some((ref) => !gone.has(ref.id) && !domain.has(ref))) await domain.learn()
    return refs.filter((ref) => gone.has(ref.id) || !domain.has(ref))
  }

  /** What stands on chunks of others is asked for, as if they were not here. */
  async function within(
    done: readonly Done[],
    publish: (inside: readonly Done[]) => Promise<PublishResult[]>,
  ): Promise<PublishResult[]> {
    early.settle(domain)
    const needed = done.map((one) => outside([rootOfDone(one) ?? []].flat()))
    if (needed.every(({ length }) => length === 0)) return publish(done)
    return needed.map((refs) => ({ status: 'needs', refs }))
  }

  return {
    ...bucket,
    source: {
      ...source,
      async fetch(refs, options) {
        if (outside(refs).length > 0) await domain.learn()
        const [first] = outside(refs)
        if (first !== undefined) throw notHere(first)
        return source.fetch(refs, options)
      },
    },
    sink: {
      ...sink,
      missing,
      async put(chunks, slices, options) {
        for (const chunk of chunks) domain.bring(chunk, early)
        await sink.put(chunks, slices, options)
        await domain.note(chunks)
      },
      publish: (done, options) => within(done, (inside) => sink.publish(inside, options)),
      take: (done, options) => within(done, (inside) => sink.take(inside, options)),
    },
  }
}

const notHere = ({ id }: ChunkRef): EfsError =>
  new EfsError('REFUSED', `chunk ${id.slice(0, 16)} is in no bucket of that tenant`, {
    hint: 'ask for the versions of the bucket again',
  })
