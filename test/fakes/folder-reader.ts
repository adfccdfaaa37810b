import type { Chunk } from '../../src/model/chunk.js'
import type { Done, Parcel, Parked, ReadOptions, Slice, Wanted } from '../../src/model/endpoint.js'
import type { ObjectKey } from '../../src/model/key.js'
import type { Faults } from './faults.js'
import type { Entry } from './memory-folder.js'
import { tinyTree } from './tiny-tree.js'

/** So few that most objects are several parcels. */
const SLICES_MAX = 3
/** So few that small objects share a parcel and not all of them the same. */
const DONE_MAX = 4

interface Collected {
  readonly slices: Slice[]
  readonly chunks: Chunk[]
  readonly nodes: Chunk[]
  readonly done: Done[]
  readonly parked: Parked[]
}

/** The reading half of a folder in memory: cuts what is wanted into small parcels and counts those not released. */
export class FolderReader {
  constructor(
    readonly entries: ReadonlyMap<ObjectKey, Entry>,
    readonly closed: ReadonlySet<string>,
    readonly faults: Faults,
  ) {}

  async *read(wanted: AsyncIterable<readonly Wanted[]>, how: ReadOptions): AsyncGenerator<Parcel> {
    const flight = { unreleased: 0 }
    let at = empty()
    for await (const page of wanted) {
      for (const one of page) {
        await this.faults.hit('source.read')
        how.signal?.throwIfAborted()
        const entry = this.entries.get(one.here.key)
        if (entry === undefined || this.closed.has(one.here.key)) {
          at.parked.push({ key: one.here.key, why: 'it cannot be read' })
          continue
        }
        const { kind, bytes, attributes, seen } = entry
        const { content, leaves, nodes } = tinyTree(kind, bytes, attributes, how.chunking.bytes)
        for (const { offset, chunk } of leaves) {
          at.slices.push({ object: one.object, offset, ref: chunk.ref })
          at.chunks.push(chunk)
          if (at.slices.length < SLICES_MAX) continue
          yield this.#parcel(at, how, flight)
          at = empty()
        }
        at.nodes.push(...nodes)
        at.done.push({ object: one.object, key: one.here.key, content, seen, ...(one.there && { there: one.there }) })
        if (at.done.length < DONE_MAX) continue
        yield this.#parcel(at, how, flight)
        at = empty()
      }
    }
    if (at.done.length + at.parked.length > 0) yield this.#parcel(at, how, flight)
  }

  #parcel(collected: Collected, { parcelsInFlight }: ReadOptions, flight: { unreleased: number }): Parcel {
    const { slices, chunks, nodes, done, parked } = collected
    const byId = new Map(chunks.map((chunk) => [chunk.ref.id, chunk]))
    let released = false
    if (++flight.unreleased > parcelsInFlight) throw new Error('more parcels in flight than were allowed')
    return {
      slices,
      nodes,
      done,
      parked,
      load: async (refs) => {
        await this.faults.hit('source.load')
        if (released) throw new Error('loaded from a parcel that was released')
        return refs.map(({ id }) => {
          const chunk = byId.get(id)
          if (chunk === undefined) throw new Error('asked a parcel for a chunk that is not in it')
          return chunk
        })
      },
      release: () => {
        if (released) throw new Error('released twice')
        released = true
        flight.unreleased--
      },
    }
  }
}

const empty = (): Collected => ({ slices: [], chunks: [], nodes: [], done: [], parked: [] })
