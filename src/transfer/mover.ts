import { LIMITS } from '../base/limits.js'
import type { BaselineRow } from '../model/baseline.js'
import { contentOf, isDelete } from '../model/done.js'
import type { Done, Parcel, Parked, PublishResult } from '../model/endpoint.js'
import type { ObjectKey } from '../model/key.js'
import type { Stats } from '../model/stats.js'
import { isObjectPrint } from '../model/version-ref.js'
import { type Carried, Carrier } from './carrier.js'
import type { Transfer } from './transfer.js'

/** What moving needs of a transfer. */
export type Moving = Pick<
  Transfer,
  'sink' | 'baseline' | 'history' | 'pace' | 'stats' | 'settled' | 'stands' | 'giving'
>

/** What both sides agree on by now: nothing, where it was deleted. */
interface Agreed {
  readonly key: ObjectKey
  readonly row?: BaselineRow
}

/** Brings parcels to the sink and publishes what is complete. */
export class Mover {
  readonly #transfer: Moving
  readonly #park: (what: Parked) => void
  readonly #carrier: Carrier
  /** Whether anything was published that the sink did not have. */
  changed = false

  constructor(transfer: Moving, park: (what: Parked) => void) {
    this.#transfer = transfer
    this.#park = park
    this.#carrier = new Carrier({ ...transfer, carried: countedBy(transfer.stats, transfer.sink.plain) })
  }

  /** Called in the order of the source, not awaited in between; an object is published when all its parcels are in. */
  move(parcel: Parcel, signal: AbortSignal): Promise<void> {
    for (const what of parcel.parked) this.#park(what)
    return this.#carrier.carry(parcel, signal, async (landed, again) => {
      for (const what of landed.parked) this.#park(what)
      const needing = await this.publish(landed.done, signal)
      if (needing.length === 0) return
      // Chunks that were there when asked and are gone by now are put once more; then the object waits for another run.
      const second = await again(needing)
      for (const what of second.parked) this.#park(what)
      for (const { key } of await this.publish(second.done, signal))
        this.#park({ key, why: 'chunks of it vanished while it was written; run again' })
    })
  }

  /** Publishes and books what came of it. Those that need chunks are handed back. */
  async publish(done: readonly Done[], signal: AbortSignal): Promise<Done[]> {
    if (done.length === 0) return []
    const { sink, stands, giving } = this.#transfer
    await giving?.(done)
    stands?.()
    const results = await sink.publish(done, { overwrite: true, signal })
    const agreed: Agreed[] = []
    const needing: Done[] = []
    for (const [i, one] of done.entries()) {
      const result = results[i]
      if (result === undefined) throw new Error('the sink gave fewer results than it was given objects')
      if (result.status === 'needs') needing.push(one)
      else this.#book(one, result)
      const row = baselineRow(one, result)
      if (row !== undefined) agreed.push({ key: row.key, row })
      if (isDelete(one) && (result.status === 'published' || result.status === 'known')) agreed.push({ key: one.key })
    }
    await this.#note(agreed)
    return needing
  }

  /** In the order in which it was published: of what an object was, several may come at once. */
  async #note(agreed: readonly Agreed[]): Promise<void> {
    const { baseline, history } = this.#transfer
    if (baseline === undefined || agreed.length === 0) return
    const last = new Map(agreed.map(({ key, row }) => [key, row]))
    const gone = [...last].flatMap(([key, row]) => (row === undefined ? [key] : []))
    const past = history ? [...(await baseline.get(gone)), ...agreed.flatMap(({ row }) => row ?? [])] : []
    const rows = [...last.values()].flatMap((row) => row ?? [])
    await baseline.put(rows, gone)
    await baseline.putPast(past.filter(({ key }) => last.get(key) === undefined))
  }

  #book(done: Done, result: Exclude<PublishResult, { status: 'needs' }>): void {
    const { stats, settled } = this.#transfer
    const { key } = done
    if (result.status === 'parked' || result.status === 'superseded') {
      const why = result.status === 'parked' ? result.why : 'the other side has a later version'
      this.#park({ key, why })
      return
    }
    const deleted = isDelete(done)
    const isFolder = key.endsWith('/')
    const isNew = result.status === 'published'
    if (isNew) {
      this.changed = true
      const inline = inlineBytes(done)
      if ('manifest' in done.content) stats.add('bytesRead', inline)
      stats.add('bytesNew', inline)
      stats.add('bytesStored', inline)
    }
    if (!isFolder) stats.add(!isNew ? 'objectsKnown' : deleted ? 'objectsDeleted' : 'objectsPublished', 1)
    settled({ key, status: isNew && deleted ? 'deleted' : result.status, bytes: contentOf(done).size })
  }
}

/** What a plain sink is given is new in each place where it is written, and stored as it is. */
const countedBy = (stats: Stats, plain: boolean): Carried => ({
  known: (chunks) => stats.add('chunksKnown', chunks),
  loaded: (leaves, nodes, slices) => {
    stats.add('chunksNew', leaves.length + nodes.length)
    const added = (plain ? slices : leaves).reduce((sum, { ref }) => sum + ref.size, 0)
    stats.add('bytesNew', added)
    stats.add('bytesStored', plain ? added : [...leaves, ...nodes].reduce((sum, { data }) => sum + data.length, 0))
  },
})

/** Content that is no chunk is in its manifest, and new with it. */
function inlineBytes(done: Done): number {
  const { kind, root } = contentOf(done)
  return kind === 'file' && 'inline' in root ? root.inline.length : 0
}

/** What both sides now agree on: the version at the segment, the file as it was read or written. */
function baselineRow(done: Done, result: PublishResult): BaselineRow | undefined {
  if ((result.status !== 'published' && result.status !== 'known') || isDelete(done)) return undefined
  const seen = done.seen ?? result.seen
  const id = 'manifest' in done.content ? done.content.id : result.id
  if (seen === undefined || id === undefined) return undefined
  const { root, size } = contentOf(done)
  // Only an object of S3 can be changed in its place, and only a large one.
  const isUseful = isObjectPrint(seen) && size >= LIMITS.s3CopyBytesLeast && !('inline' in root)
  return { key: done.key, id, seen, ...(isUseful && { root }) }
}
