import { sumOf, sumOfHash } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import { encodeRecordHeaderInto, NO_ID, RECORD, RECORD_HEADER_BYTES, type RecordHeader } from '../../format/pack.js'
import { type Chunk, CODEC } from '../../model/chunk.js'
import type { VersionId } from '../../model/ids.js'
import type { Appended, Placed } from './writer.js'

/** Each kind of record, ready for the pack writer. */

export function chunkRecord(chunk: Chunk, tell: Placed): Appended {
  const { ref, codec, data, sum } = chunk
  const header = headerOf(
    { type: RECORD.chunk, codec, storedBytes: data.length, plainBytes: ref.size, id: ref.id },
    sum,
  )
  return { header, payload: data, tell }
}

/** A chunk as it stands in another pack. */
export const copiedRecord = (header: RecordHeader, payload: Uint8Array, tell: Placed): Appended => ({
  header: headerOf(header, header.codec === CODEC.plain ? sumOfHash(header.id) : sumOf(payload)),
  payload,
  tell,
})

export const manifestRecord = (id: VersionId, bytes: Uint8Array, tell: Placed): Appended => ({
  header: plainHeader(RECORD.manifest, id, bytes, sumOfHash(id)),
  payload: bytes,
  tell,
})

/** @throws where it is so large that no reader would take it for a record: what it says must not be acknowledged */
export function logRecord(bytes: Uint8Array): Appended {
  if (bytes.length > LIMITS.recordBytesMax) throw new RangeError(`a log record of ${bytes.length} bytes`)
  return { header: plainHeader(RECORD.log, NO_ID, bytes, sumOf(bytes)), payload: bytes }
}

const plainHeader = (type: RecordHeader['type'], id: string, bytes: Uint8Array, sum: number): Buffer =>
  headerOf({ type, codec: CODEC.plain, storedBytes: bytes.length, plainBytes: bytes.length, id }, sum)

function headerOf(header: RecordHeader, sum: number): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_HEADER_BYTES)
  encodeRecordHeaderInto(bytes, 0, header, sum)
  return bytes
}
