import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { syncFolder } from '../base/durable-file.js'
import { LIMITS } from '../base/limits.js'
import { encodePackHeader, isHeaderOf, PACK_HEADER_BYTES, type PackHeader } from '../format/pack.js'
import type { Place } from '../format/rows-chunk.js'
import type { SegmentGuid } from '../model/ids.js'
import { homePaths, packPath } from './home.js'
import { allocatePack, claimSealed, removeOwner, setOwner } from './owners.js'
import { type Tables, transact } from './tables.js'

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

interface OpenPack {
  readonly pack: number
  readonly file: FileHandle
  readonly sinceDense: number
  /** Everything before it is whole records. */
  end: number
  /** Everything before it is in the index. */
  indexed: number
  /** Full: no record is added. */
  sealed: boolean
}

/** How far each open pack had been written at one moment. */
export type Mark = Readonly<{ pack: OpenPack; end: number }>

/**
 * The packs that this process writes: one, or two around a roll-over. Records are written in the order of the calls,
 * one write at a time, so that what a killed process leaves is whole records and at most one torn one at the end.
 */
export class PackWriter {
  #packs: OpenPack[] = []
  #sinceDense: number | undefined
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
    for (const { pack, end } of marks) if (end > pack.indexed) await pack.file.datasync()
  }

  /** In the transaction that indexes everything before the marks. */
  writeOwners(marks: readonly Mark[]): void {
    for (const { pack, end } of marks) {
      if (pack.sealed) removeOwner(this.tables, pack.pack)
      else if (end > pack.indexed) setOwner(this.tables, { ...pack, indexed: end })
    }
  }

  /** After that transaction. */
  async indexed(marks: readonly Mark[]): Promise<void> {
    for (const { pack, end } of marks) {
      pack.indexed = end
      if (!pack.sealed) continue
      this.#packs = this.#packs.filter((other) => other !== pack)
      await pack.file.close()
    }
  }

  /** Cuts the packs back to what the index knows. `dropped` is called once no record of before is left. */
  reset(dropped: () => void): Promise<void> {
    return this.#inTurn(async () => {
      dropped()
      for (const pack of this.#packs) {
        pack.end = pack.indexed
        await cut(pack)
      }
    })
  }

  /** Everything has been committed. A pack without a record stays: the next run goes on with it. */
  async close(): Promise<void> {
    await this.idle()
    const packs = this.#packs
    this.#packs = []
    this.#sinceDense = undefined
    for (const pack of packs) {
      await cut(pack)
      await pack.file.close()
    }
    if (packs.length === 0) return
    transact(this.tables, () => {
      for (const { pack } of packs) removeOwner(this.tables, pack)
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
    if (open === undefined) return (await this.#goOn()) ?? this.#open()
    const end = records.reduce((sum, record) => sum + recordBytes(record), open.end)
    if (end <= LIMITS.packBytesMax || open.end === PACK_HEADER_BYTES) return open
    open.sealed = true
    return this.#open()
  }

  /** A pack that an earlier run sealed with room in it. Its last byte is in the index, as that of every sealed pack. */
  async #goOn(): Promise<OpenPack | undefined> {
    const { tables, guid: segment } = this
    const claimed = claimSealed(tables, (number) => lengthWithRoom(packPath(tables.home, number), { segment, number }))
    if (claimed === undefined) return undefined
    this.#sinceDense = claimed.sinceDense
    const file = await open(packPath(tables.home, claimed.pack), 'r+')
    const pack: OpenPack = { ...claimed, file, end: claimed.indexed, sealed: false }
    this.#packs.push(pack)
    return pack
  }

  async #open(): Promise<OpenPack> {
    const owned = allocatePack(this.tables, PACK_HEADER_BYTES, this.#sinceDense)
    this.#sinceDense = owned.sinceDense
    const target = packPath(this.tables.home, owned.pack)
    const file = await open(target, 'wx+', 0o600)
    const pack: OpenPack = { ...owned, file, end: 0, sealed: false }
    try {
      await writeAt(pack, [encodePackHeader({ segment: this.guid, number: owned.pack })], PACK_HEADER_BYTES)
      await syncFolder(homePaths(this.tables.home).packs)
    } catch (error) {
      await file.close()
      await rm(target, { force: true })
      throw error
    }
    this.#packs.push(pack)
    return pack
  }
}

/** Undefined where there is no such pack, where it is no pack, or where it is large enough. */
function lengthWithRoom(target: string, header: PackHeader): number | undefined {
  const length = statSync(target, { throwIfNoEntry: false })?.size
  if (length === undefined || length < PACK_HEADER_BYTES || length >= LIMITS.packReuseBytesMax) return undefined
  const bytes = Buffer.alloc(PACK_HEADER_BYTES)
  const file = openSync(target, 'r')
  try {
    readSync(file, bytes)
    return isHeaderOf(header, bytes) ? length : undefined
  } finally {
    closeSync(file)
  }
}

const recordBytes = ({ header, payload }: Appended): number => header.length + payload.length

async function write(pack: OpenPack, records: readonly Appended[]): Promise<void> {
  const parts: Uint8Array[] = []
  let end = pack.end
  const offsets = records.map((record) => {
    const offset = end
    parts.push(record.header, record.payload)
    end += recordBytes(record)
    return offset
  })
  await writeAt(pack, parts, end - pack.end)
  records.forEach((record, i) => {
    if (record.tell) record.tell.place = { pack: pack.pack, offset: offsets[i] ?? 0, length: record.payload.length }
  })
}

async function writeAt(pack: OpenPack, parts: readonly Uint8Array[], bytes: number): Promise<void> {
  try {
    const { bytesWritten } = await pack.file.writev(parts, pack.end)
    // A write that is cut short says why only when the rest is tried.
    if (bytesWritten < bytes) {
      const rest = Buffer.concat(parts).subarray(bytesWritten)
      await writeRest(pack.file, rest, pack.end + bytesWritten)
    }
  } catch (error) {
    await cut(pack)
    throw error
  }
  pack.end += bytes
}

/** Best effort: what stays behind the end is written over by what comes next, or cut off when the pack is closed or adopted. */
async function cut(pack: OpenPack): Promise<void> {
  await pack.file.truncate(pack.end).catch(() => undefined)
}

async function writeRest(file: FileHandle, rest: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < rest.length; ) {
    const { bytesWritten } = await file.write(rest, done, rest.length - done, position + done)
    done += bytesWritten
  }
}
