import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { ChunkId } from '../model/ids.js'

/* What a writer is about to put: "EFSCLAM", u8 version 1, and ids of chunks, 32 bytes each. */
const MAGIC = 'EFSCLAM'
const VERSION = 1
const HEAD_BYTES = 8
const ID_BYTES = 32

export const CLAIMED_MAX = Math.floor((LIMITS.claimBytesMax - HEAD_BYTES) / ID_BYTES)

export function encodeClaim(ids: readonly ChunkId[]): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + ID_BYTES * ids.length)
  bytes.write(MAGIC, 0, 'latin1')
  bytes.writeUInt8(VERSION, 7)
  for (const [i, id] of ids.entries()) bytes.write(id, HEAD_BYTES + ID_BYTES * i, 'hex')
  return bytes
}

/** @throws CORRUPT where the bytes are no claim; NEWER_FORMAT */
export function decodeClaim(bytes: Buffer): ChunkId[] {
  const isWhole = bytes.length >= HEAD_BYTES && (bytes.length - HEAD_BYTES) % ID_BYTES === 0
  if (!isWhole || bytes.toString('latin1', 0, 7) !== MAGIC) throw new EfsError('CORRUPT', 'these bytes are no claim')
  const version = bytes.readUInt8(7)
  if (version > VERSION) {
    throw new EfsError('NEWER_FORMAT', `a claim has format ${version}, this efs reads up to ${VERSION}`, {
      hint: 'use a newer efs',
    })
  }
  return Array.from({ length: (bytes.length - HEAD_BYTES) / ID_BYTES }, (_, i) => {
    const at = HEAD_BYTES + ID_BYTES * i
    return bytes.toString('hex', at, at + ID_BYTES) as ChunkId
  })
}
