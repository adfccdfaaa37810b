import { EfsError } from '../base/errors.js'
import { segmentGuid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Checkpoint, Retry } from '../model/live.js'
import type { Stamp } from '../model/manifest.js'
import { decodePosition, encodePosition, POSITION_BYTES } from './position.js'
import { readU64, writeU64 } from './rows-numbers.js'

/** A position; while a full pass runs, a 1 and the last key that it is done with. */
export function encodeCheckpoint({ position, pass }: Checkpoint): Buffer {
  const at = encodePosition(position)
  return pass === undefined ? at : Buffer.concat([at, Buffer.of(UNDER_WAY), Buffer.from(pass)])
}
const UNDER_WAY = 1

/** @throws CORRUPT where the bytes are no checkpoint */
export function decodeCheckpoint(bytes: Buffer): Checkpoint {
  const position = decodePosition(bytes.subarray(0, POSITION_BYTES))
  if (bytes.length === POSITION_BYTES) return { position }
  if (bytes[POSITION_BYTES] !== UNDER_WAY) throw new EfsError('CORRUPT', 'a checkpoint of an unknown kind')
  return { position, pass: bytes.toString('utf8', POSITION_BYTES + 1) }
}

/** First and next try, how many there were, why; then a NUL and the stamps of the versions that wait, as far as they are known. Its key stands in the row's key. */
export function encodeRetryRow({ firstMs, nextMs, tries, why }: Retry, waiting: readonly Stamp[]): Buffer {
  const head = Buffer.allocUnsafe(WHY)
  writeU64(head, firstMs, 0)
  writeU64(head, nextMs, 8)
  head.writeUInt32BE(tries, 16)
  const stamps = waiting.map(({ time, segment }) => {
    const bytes = Buffer.allocUnsafe(STAMP_BYTES)
    writeU64(bytes, time, 0)
    bytes.write(segment, 8, 'hex')
    return bytes
  })
  return Buffer.concat([
    head,
    Buffer.from(why.replaceAll('\0', ' ')),
    ...(stamps.length > 0 ? [Buffer.of(0)] : []),
    ...stamps,
  ])
}
const WHY = 20
const STAMP_BYTES = 24

export const decodeRetryRow = (key: ObjectKey, bytes: Buffer): Retry => ({
  key,
  why: bytes.toString('utf8', WHY, endOfWhy(bytes)),
  tries: bytes.readUInt32BE(16),
  firstMs: readU64(bytes, 0),
  nextMs: readU64(bytes, 8),
})

export function waitingOf(bytes: Buffer): Stamp[] {
  const first = endOfWhy(bytes) + 1
  return Array.from({ length: Math.max(0, Math.floor((bytes.length - first) / STAMP_BYTES)) }, (_, i) => {
    const at = first + i * STAMP_BYTES
    return { time: readU64(bytes, at), segment: segmentGuid(bytes.toString('hex', at + 8, at + STAMP_BYTES)) }
  })
}

function endOfWhy(bytes: Buffer): number {
  const at = bytes.indexOf(0, WHY)
  return at < 0 ? bytes.length : at
}
