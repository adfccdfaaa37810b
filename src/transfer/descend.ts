import { EfsError } from '../base/errors.js'
import { firstFrom } from '../base/first-from.js'
import { LIMITS } from '../base/limits.js'
import { SpareBuffers } from '../base/spare-buffers.js'
import type { Chunk, ChunkRef } from '../model/chunk.js'
import type { CallOptions, Done, Fetcher, Parcel, Parked, Sink, Slice, TreeEntry, Wanted } from '../model/endpoint.js'
import type { Extent } from '../model/extent.js'
import type { ChunkId } from '../model/ids.js'
import type { Feed } from '../model/live.js'
import type { Version } from '../model/manifest.js'
import type { Stats } from '../model/stats.js'
import { eachOrLoss, goneOf, isLoss } from './loss.js'
import { sameExtents } from './same-extents.js'

export interface Descent extends CallOptions {
  readonly source: Fetcher
  readonly sink: Pick<Sink, 'missing' | 'plain' | 'begin' | 'reuse'>
  readonly stats: Pick<Stats, 'add'>
  /**
   * The same source where it is a live one: a version that is gone by now is passed over, not parked, as what took its place is told
   * elsewhere. One that is a tip there all the same was only not shown for a moment, with its bucket: it is parked.
   */
  readonly live?: Pick<Feed, 'tips'>
}

/**
 * A source that has chunks becomes parcels: each tree is entered only where the sink lacks something, level by level, so
 * that a round trip serves many objects and a known subtree costs one question. A plain sink lacks everything and gets
 * no nodes, nor what it takes from what it holds already. An object whose version or nodes the source has lost is parked.
 * Holds one group of versions, one batch of nodes a level, and one parcel of refs; no data until a parcel is loaded.
 */
export async function* descend(descent: Descent, wanted: AsyncIterable<readonly Wanted[]>): AsyncGenerator<Parcel> {
  const basket = new Basket(descent)
  for await (const page of wanted) {
    for (let from = 0; from < page.length; from += LIMITS.parcelObjectsMax) {
      yield* descendGroup(descent, basket, page.slice(from, from + LIMITS.parcelObjectsMax))
    }
  }
  if (!basket.isEmpty) yield basket.take()
}

async function* descendGroup(descent: Descent, basket: Basket, group: readonly Wanted[]): AsyncGenerator<Parcel> {
  const { source, stats, live } = descent
  const rows = group.map(({ here }) => here)
  const versions = await eachOrLoss(rows, (some) => source.versions(some, descent))
  const gone = await goneOf(rows, versions, live, descent)
  stats.add('objectsRead', group.filter(({ here }) => here.kind !== 'folder').length)
  const trees = await enter(descent, versions.flatMap(rootOf))
  for (const [i, one] of group.entries()) {
    const { object, here, there } = one
    if (gone.has(here)) continue
    try {
      const version = had(versions[i])
      const done: Done = { object, key: here.key, content: version, ...(there && { there }) }
      const reused = await begin(descent, one, done, version)
      for await (const found of unfold(descent, version, trees, reused)) {
        basket.add(object, found)
        if (basket.isFull) yield basket.take()
      }
      basket.done.push(done)
    } catch (error) {
      if (!isLoss(error)) throw error
      basket.parked.push({ key: here.key, why: error.message, ...(live && here.held && { stamp: here.held.stamp }) })
    }
    if (basket.isFull) yield basket.take()
  }
}

/** Tells the sink of an object before its slices; what it takes from what it holds, in order, needs none. */
async function begin(
  { source, sink, signal }: Descent,
  { there, thereRoot }: Wanted,
  done: Done,
  { manifest: { root, size } }: Version,
): Promise<readonly Extent[]> {
  if (sink.reuse === undefined || there === undefined || thereRoot === undefined || 'inline' in root) {
    sink.begin?.([done])
    return []
  }
  const options = signal === undefined ? {} : { signal }
  const same = sameExtents(source, { root, size }, { root: thereRoot, size: there.size }, options)
  return sink.reuse(done, same, options)
}

/** The parcel that is being filled. */
class Basket {
  readonly #descent: Descent
  #slices: Slice[] = []
  #nodes: Chunk[] = []
  #bytes = 0
  done: Done[] = []
  parked: Parked[] = []

  readonly #spare = new SpareBuffers(LIMITS.parcelBytesMax, LIMITS.parcelsInFlightMax)

  constructor(descent: Descent) {
    this.#descent = descent
  }

  /** Chunks may be tiny, so that they are counted too. */
  get isFull(): boolean {
    return (
      this.#bytes >= LIMITS.parcelBytesMax ||
      this.#slices.length >= LIMITS.missingRefsMax ||
      this.done.length + this.parked.length >= LIMITS.parcelObjectsMax
    )
  }

  get isEmpty(): boolean {
    return this.#slices.length + this.done.length + this.parked.length === 0
  }

  add(object: number, found: LeafAt | Chunk): void {
    if ('id' in found) {
      this.#slices.push({ object, offset: found.offset, ref: found })
      this.#bytes += found.size
    } else if (!this.#descent.sink.plain) {
      this.#nodes.push(found)
      this.#bytes += found.data.length
    }
  }

  take(): Parcel {
    const { source, stats } = this.#descent
    const lent: Buffer[] = []
    const memory = (bytes: number): Buffer => {
      const buffer = this.#spare.take(bytes)
      lent.push(buffer)
      return buffer
    }
    const parcel: Parcel = {
      slices: this.#slices,
      nodes: this.#nodes,
      done: this.done,
      parked: this.parked,
      load: async (refs, options) => {
        const chunks = await source.fetch(refs, { ...options, memory })
        stats.add(
          'bytesRead',
          chunks.reduce((sum, { ref }) => sum + ref.size, 0),
        )
        return chunks
      },
      release: () => {
        for (const buffer of lent.splice(0)) this.#spare.give(buffer)
      },
    }
    this.#slices = []
    this.#nodes = []
    this.done = []
    this.parked = []
    this.#bytes = 0
    return parcel
  }
}

function rootOf(version: Version | EfsError): ChunkRef[] {
  if (version instanceof EfsError) return []
  const { root } = version.manifest
  return 'inline' in root || root.depth === 0 ? [] : [root.ref]
}

/** What was asked for. @throws the loss in its place */
function had<T>(one: T | EfsError | undefined): T {
  if (one instanceof EfsError) throw one
  return one ?? fewer()
}

function fewer(): never {
  throw new Error('the source gave fewer answers than it was asked for')
}

/** Nodes that the sink lacks by id, or why they cannot be had. */
type Entered = ReadonlyMap<ChunkId, Chunk | EfsError>

/** Asks for all of these nodes at once and fetches those that the sink lacks. */
async function enter(descent: Descent, asked: readonly ChunkRef[]): Promise<Entered> {
  const refs = [...new Map(asked.map((ref) => [ref.id, ref])).values()]
  const lacking: ChunkRef[] = []
  for (let from = 0; from < refs.length; from += LIMITS.missingRefsMax) {
    lacking.push(...(await descent.sink.missing(refs.slice(from, from + LIMITS.missingRefsMax), descent)))
  }
  const chunks = await eachOrLoss(lacking, (some) => descent.source.fetch(some, descent))
  const entered = new Map<ChunkId, Chunk | EfsError>()
  for (const [i, { id }] of lacking.entries()) entered.set(id, chunks[i] ?? fewer())
  return entered
}

interface LeafAt extends ChunkRef {
  readonly offset: number
}

/** The leaves that the sink may lack, with their offsets, and the nodes above them, children before parents. */
async function* unfold(
  descent: Descent,
  version: Version,
  trees: Entered,
  reused: readonly Extent[],
): AsyncGenerator<LeafAt | Chunk> {
  const { root } = version.manifest
  if ('inline' in root) return
  if (root.depth === 0) yield { ...root.ref, offset: 0 }
  const node = trees.get(root.ref.id)
  if (node !== undefined) yield* unfoldNode(descent, had(node), 0, reused)
}

async function* unfoldNode(
  descent: Descent,
  node: Chunk,
  start: number,
  reused: readonly Extent[],
): AsyncGenerator<LeafAt | Chunk> {
  const entries = needed(descent.source.entries(node), start, reused)
  for (let from = 0; from < entries.length; from += LIMITS.treeNodesAtOnce) {
    const batch = entries.slice(from, from + LIMITS.treeNodesAtOnce)
    const children = await enter(
      descent,
      batch.flatMap(({ ref }) => (ref.node ? [ref] : [])),
    )
    for (const { offset, ref } of batch) {
      const child = ref.node ? children.get(ref.id) : undefined
      if (child !== undefined) yield* unfoldNode(descent, had(child), offset, reused)
      else if (!ref.node) yield { ...ref, offset }
    }
  }
  yield node
}

interface Needed {
  readonly offset: number
  readonly ref: ChunkRef
}

/** The children of a node at `start` that are no holes and do not lie within what is reused. */
function needed(entries: readonly TreeEntry[], start: number, reused: readonly Extent[]): Needed[] {
  let end = start
  return entries.flatMap(({ span, ref }) => {
    const offset = end
    end += span
    return ref === undefined || isWithin(reused, offset, end) ? [] : [{ offset, ref }]
  })
}

function isWithin(extents: readonly Extent[], offset: number, end: number): boolean {
  const last = extents[firstFrom(extents, (one) => one.offset > offset) - 1]
  return last !== undefined && end <= last.offset + last.length
}
