import { LIMITS } from '../../base/limits.js'
import { PACK_HEADER_BYTES } from '../../format/pack.js'
import type { Place } from '../../format/rows-chunk.js'
import type { SegmentGuid } from '../../model/ids.js'
import { isInDoubt, type Tables, transact } from '../index/tables.js'
import { cut, cutOrMark, letGo, type OpenPack, writeAt } from './file.js'
import { sealAt } from './lengths.js'
import { newPack, packWithRoom } from './open.js'
import { setOwner } from './owners.js'

/** What went into a pack: undefined until it is in the file. */
export interface Placed {
  place: Place | undefined
}

/** One record on its way into a pack. */
export interface Appended {
  readonly header: Buffer
  readonly payload: Uint8Array
  /** Told where it went, in the same turn in which the marks pass it. */
  readonly tell?: Placed
}

/** How far each open pack had been written at one moment. */
export type Mark = Readonly<{ pack: OpenPack; end: number }>

/**
 * The packs that this process writes: one, or two around a roll-over. Records are written in the order of the calls,
 * one write at a time, so that what a killed process leaves is whole records and at most one torn one at the end.
 */
export class PackWriter {
  #packs: OpenPack[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    readonly tables: Tables,
    readonly guid: SegmentGuid,
  ) {}

  /**
   * Settles when the records are in one file, one after the other, though not yet on the disk. What could not be
   * written whole is cut off again.
   */
  append(records: readonly Appended[]): Promise<void> {
    return this.#inTurn(async () => {
      if (records.length > 0) await write(await this.#room(records), records)
    })
  }

  /** Settles when everything that was appended before is in the files. */
  idle(): Promise<void> {
    return this.#inTurn(() => Promise.resolve())
  }

  marks(): Mark[] {
    return this.#packs.map((pack) => ({ pack, end: pack.end }))
  }

  async sync(marks: readonly Mark[]): Promise<void> {
    for (const { pack, end } of marks) {
      if (pack.sealed && pack.torn) await cut(pack)
      if (end > pack.indexed) await pack.file.datasync()
    }
  }

  /** In the transaction that indexes everything before the marks. */
  writeOwners(marks: readonly Mark[]): void {
    for (const mark of marks) {
      const { pack, end } = mark
      if (isFinished(mark)) sealAt(this.tables, pack.pack, end)
      else if (end > pack.indexed) setOwner(this.tables, { ...pack, indexed: end })
    }
  }

  /** After that transaction. */
  async indexed(marks: readonly Mark[]): Promise<void> {
    for (const { pack, end } of marks) pack.indexed = end
    const finished = marks.filter(isFinished).map(({ pack }) => pack)
    this.#packs = this.#packs.filter((pack) => !finished.includes(pack))
    await letGo(finished)
  }

  /**
   * Cuts the packs back to what the index knows; where that is in doubt it lets go of them, whole, for the next opener
   * to see what they are. `dropped` is called once no record of before is left. Never fails.
   */
  reset(dropped: () => void): Promise<void> {
    return this.#inTurn(async () => {
      dropped()
      if (isInDoubt(this.tables)) return letGo(this.#packs.splice(0))
      for (const pack of this.#packs) {
        pack.end = pack.indexed
        await cutOrMark(pack)
      }
    })
  }

  /** Seals the packs of which everything has been committed, so that others may go on with them or write them anew. */
  seal(): Promise<void> {
    return this.#inTurn(() => this.#release(this.#packs.filter(({ end, indexed, torn }) => end === indexed && !torn)))
  }

  /**
   * Everything has been committed. A pack without a record stays: the next run goes on with it. One that cannot be cut to its
   * records stays this process's own, so that the next opener looks at it.
   */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      const packs = this.#packs
      try {
        for (const pack of packs) await cut(pack)
      } catch (error) {
        this.#packs = []
        await letGo(packs)
        throw error
      }
      await this.#release(packs)
    })
  }

  async #release(packs: readonly OpenPack[]): Promise<void> {
    if (packs.length === 0) return
    this.#packs = this.#packs.filter((pack) => !packs.includes(pack))
    await letGo(packs)
    transact(this.tables, () => {
      for (const { pack, end } of packs) sealAt(this.tables, pack, end)
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** The pack that takes the records; a new one takes as many as there are. */
  async #room(records: readonly Appended[]): Promise<OpenPack> {
    const open = this.#packs.find(({ sealed }) => !sealed)
    if (open === undefined) return this.#keep(await packWithRoom(this.tables, this.guid))
    const end = records.reduce((sum, record) => sum + recordBytes(record), open.end)
    if (end <= LIMITS.packBytesMax || open.end === PACK_HEADER_BYTES) return open
    open.sealed = true
    return this.#keep(await newPack(this.tables, this.guid, open.sinceDense))
  }

  #keep(pack: OpenPack): OpenPack {
    this.#packs.push(pack)
    return pack
  }
}

/** Full, and nothing has come since the mark was set. */
const isFinished = ({ pack, end }: Mark): boolean => pack.sealed && !pack.torn && pack.end === end

const recordBytes = ({ header, payload }: Appended): number => header.length + payload.length

/** The header goes in once more with the first record: where the sync of a new pack failed, nothing before it counts. */
async function write(pack: OpenPack, records: readonly Appended[]): Promise<void> {
  const isFirst = pack.end === PACK_HEADER_BYTES
  const parts: Uint8Array[] = isFirst ? [pack.header] : []
  let { end } = pack
  const offsets = records.map((record) => {
    const offset = end
    parts.push(record.header, record.payload)
    end += recordBytes(record)
    return offset
  })
  await writeAt(pack, isFirst ? 0 : pack.end, parts)
  records.forEach((record, i) => {
    if (record.tell) record.tell.place = { pack: pack.pack, offset: offsets[i] ?? 0, length: record.payload.length }
  })
}
