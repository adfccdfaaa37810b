import type { FileHandle } from 'node:fs/promises'
import { LIMITS } from '../../base/limits.js'
import {
  decodeRecordHeader,
  PACK_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  recordIsWhole,
} from '../../format/pack.js'

/** What stands in a pack from `offset` to `end`: a record whose checksum is right, or bytes that are none. */
export type Scanned =
  | RecordScanned
  | ({ readonly kind: 'damage'; readonly offset: number; readonly end: number } & DamageAt)

export type RecordScanned = { readonly kind: 'record'; readonly offset: number; readonly end: number } & RecordAt

interface DamageAt {
  /** It begins with a record that is there to its last byte: what a write leaves that was cut short is not. */
  readonly isComplete: boolean
}

interface RecordAt {
  readonly header: RecordHeader
  /** Valid as long as it is held. */
  readonly payload: Buffer
}

interface Found extends RecordAt {
  readonly end: number
  readonly isWhole: boolean
}

const WINDOW_BYTES = LIMITS.packBufferBytes

/**
 * Reads a pack by windows, from its first record up to `to`. After damage it goes on with the next record: the one
 * that the damaged record's length leads to, else the next bytes that are one.
 */
export async function* scanPack(file: FileHandle, to: number): AsyncGenerator<Scanned> {
  const window = new Window(file, to)
  for (let offset = PACK_HEADER_BYTES; offset < to; ) {
    const record = await recordAt(window, offset)
    if (record?.isWhole) {
      yield { kind: 'record', offset, end: record.end, header: record.header, payload: record.payload }
      offset = record.end
      continue
    }
    const end = await endOfDamage(window, offset, record?.end, to)
    yield { kind: 'damage', offset, end, isComplete: record !== undefined }
    offset = end
  }
}

/** The records from there on that are whole, up to the first that is not. */
export async function* wholeRecords(file: FileHandle, from: number, to: number): AsyncGenerator<RecordScanned> {
  const window = new Window(file, to)
  for (let offset = from; offset < to; ) {
    const record = await recordAt(window, offset)
    if (!record?.isWhole) return
    yield { kind: 'record', offset, end: record.end, header: record.header, payload: record.payload }
    offset = record.end
  }
}

async function recordAt(window: Window, offset: number): Promise<Found | undefined> {
  if (!window.holds(offset, RECORD_HEADER_BYTES)) await window.load(offset, RECORD_HEADER_BYTES)
  const header = window.header(offset)
  if (header === undefined) return undefined
  const length = RECORD_HEADER_BYTES + header.storedBytes
  if (offset + length > window.end) return undefined
  if (!window.holds(offset, length)) await window.load(offset, length)
  const payload = window.view(offset + RECORD_HEADER_BYTES, header.storedBytes)
  const isWhole = recordIsWhole(window.view(offset, RECORD_HEADER_BYTES), payload)
  return { header, payload, end: offset + length, isWhole }
}

async function endOfDamage(window: Window, offset: number, likely: number | undefined, to: number): Promise<number> {
  if (likely === to || (likely !== undefined && (await recordAt(window, likely))?.isWhole)) return likely
  for (let next = offset + 1; next + RECORD_HEADER_BYTES <= to; next++) {
    if (!window.holds(next, RECORD_HEADER_BYTES)) await window.load(next, RECORD_HEADER_BYTES)
    // Nearly no byte looks like the first one of a record: only what does is worth a wait.
    if (window.header(next) !== undefined && (await recordAt(window, next))?.isWhole) return next
  }
  return to
}

/** One stretch of a file at a time. */
class Window {
  #start = 0
  #bytes = Buffer.alloc(0)

  constructor(
    readonly file: FileHandle,
    readonly end: number,
  ) {}

  holds(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#bytes.length
  }

  /** Of a record that begins there, if what is held can be one. */
  header(offset: number): RecordHeader | undefined {
    return decodeRecordHeader(this.#bytes, offset - this.#start)
  }

  /** Shorter than asked at the end. */
  view(offset: number, length: number): Buffer {
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length)
  }

  async load(offset: number, length: number): Promise<void> {
    const bytes = Buffer.allocUnsafe(Math.min(Math.max(length, WINDOW_BYTES), this.end - offset))
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, offset)
    this.#start = offset
    this.#bytes = bytes.subarray(0, bytesRead)
  }
}
