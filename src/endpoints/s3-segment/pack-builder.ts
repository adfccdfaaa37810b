import { randomBytes } from 'node:crypto'
import { copyInto } from '../../base/copy.js'
import { LIMITS } from '../../base/limits.js'
import { CLAIMED_MAX } from '../../format/claim.js'
import {
  encodePackHeader,
  encodeRecordHeaderInto,
  PACK_HEADER_BYTES,
  RECORD,
  RECORD_HEADER_BYTES,
} from '../../format/pack.js'
import { admitChunk, type Chunk, type ChunkRef } from '../../model/chunk.js'
import type { PlacedChunk } from '../../model/chunk-spots.js'
import type { ChunkId, SegmentGuid } from '../../model/ids.js'

/** A pack in memory, until it is an object. */
export class PackBuilder {
  /** Of the object that it becomes. */
  readonly id = randomBytes(16).toString('hex')
  readonly #segment: SegmentGuid
  readonly #bytes: Buffer
  readonly #chunks = new Map<ChunkId, PlacedChunk>()
  #end = PACK_HEADER_BYTES

  /** There is room for a pack of the usual size, and for one chunk of `least` bytes in any case. */
  constructor(segment: SegmentGuid, least: number) {
    this.#segment = segment
    this.#bytes = Buffer.allocUnsafe(Math.max(LIMITS.objectPackBytes, PACK_HEADER_BYTES + RECORD_HEADER_BYTES + least))
    encodePackHeader({ segment, number: 0 }).copy(this.#bytes)
  }

  get chunks(): readonly PlacedChunk[] {
    return [...this.#chunks.values()]
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  fits({ data }: Pick<Chunk, 'data'>): boolean {
    return this.#chunks.size < CLAIMED_MAX && this.#end + RECORD_HEADER_BYTES + data.length <= this.#bytes.length
  }

  /** Copies the chunk's data. */
  add({ ref: { id, size }, codec, data, sum }: Chunk): void {
    const header = { type: RECORD.chunk, codec, storedBytes: data.length, plainBytes: size, id }
    encodeRecordHeaderInto(this.#bytes, this.#end, header, sum)
    copyInto(this.#bytes, this.#end + RECORD_HEADER_BYTES, data)
    this.#chunks.set(id, { id, size, codec, offset: this.#end, length: data.length })
    this.#end += RECORD_HEADER_BYTES + data.length
  }

  /** Undefined where it is not in this pack. */
  get(ref: ChunkRef): Chunk | undefined {
    const placed = this.#chunks.get(ref.id)
    return placed && admitChunk(ref, placed.codec, Buffer.from(this.#payload(placed)))
  }

  /** A pack of these of its chunks. */
  only(chunks: readonly PlacedChunk[]): PackBuilder {
    const fewer = new PackBuilder(this.#segment, 0)
    for (const { offset, ...rest } of chunks) {
      this.#bytes.copy(fewer.#bytes, fewer.#end, offset, offset + RECORD_HEADER_BYTES + rest.length)
      fewer.#chunks.set(rest.id, { ...rest, offset: fewer.#end })
      fewer.#end += RECORD_HEADER_BYTES + rest.length
    }
    return fewer
  }

  #payload({ offset, length }: PlacedChunk): Buffer {
    return this.#bytes.subarray(offset + RECORD_HEADER_BYTES, offset + RECORD_HEADER_BYTES + length)
  }
}
