import { EfsError } from '../base/errors.js'
import type { ObjectKey } from '../model/key.js'
import type { Checkpoint, Retry } from '../model/live.js'
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

/** First and next try, how many there were, why. Its key stands in the row's key. */
export function encodeRetryRow({ firstMs, nextMs, tries, why }: Retry): Buffer {
  const bytes = Buffer.allocUnsafe(WHY + Buffer.byteLength(why))
  writeU64(bytes, firstMs, 0)
  writeU64(bytes, nextMs, 8)
  bytes.writeUInt32BE(tries, 16)
  bytes.write(why, WHY)
  return bytes
}
const WHY = 20

export const decodeRetryRow = (key: ObjectKey, bytes: Buffer): Retry => ({
  key,
  why: bytes.toString('utf8', WHY),
  tries: bytes.readUInt32BE(16),
  firstMs: readU64(bytes, 0),
  nextMs: readU64(bytes, 8),
})
