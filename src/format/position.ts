import { EfsError } from '../base/errors.js'
import { journalId } from '../model/ids.js'
import type { Position } from '../model/position.js'

/* 0  16  journal id      16  u32  epoch      20  u64  sequence      all big-endian */
export const POSITION_BYTES = 28

export function encodePosition({ journal, epoch, sequence }: Position): Buffer {
  const out = Buffer.alloc(POSITION_BYTES)
  out.write(journal, 0, 'hex')
  out.writeUInt32BE(epoch, 16)
  out.writeBigUInt64BE(BigInt(sequence), 20)
  return out
}

/** @throws CORRUPT where the bytes are no position */
export function decodePosition(bytes: Buffer): Position {
  if (bytes.length !== POSITION_BYTES) throw new EfsError('CORRUPT', `a position of ${bytes.length} bytes`)
  const sequence = Number(bytes.readBigUInt64BE(20))
  if (!Number.isSafeInteger(sequence)) throw new EfsError('CORRUPT', 'a position that no journal reaches')
  return { journal: journalId(bytes.toString('hex', 0, 16)), epoch: bytes.readUInt32BE(16), sequence }
}
