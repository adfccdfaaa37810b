import type { FileHandle } from 'node:fs/promises'
import { LIMITS } from '../../base/limits.js'
import type { OwnedPack } from './owners.js'

const NO_BYTES = Buffer.alloc(0)

/** A pack that this process writes to. */
export interface OpenPack extends OwnedPack {
  readonly file: FileHandle
  readonly header: Buffer
  /** Everything before it is whole records. */
  end: number
  /** Everything before it is in the index. */
  indexed: number
  /** Full: no record is added. */
  sealed: boolean
  /** Something may stand behind the end. It is cut off before anything is added, or the pack sealed. */
  torn: boolean
}

/** Writes from `position` to the new end. What could not be written whole is cut off again. */
export async function writeAt(pack: OpenPack, position: number, parts: readonly Uint8Array[]): Promise<void> {
  if (pack.torn) await cut(pack)
  let end = position
  try {
    for (const piece of inPieces(parts)) end += await writePiece(pack.file, piece, end)
  } catch (error) {
    await cutOrMark(pack)
    throw error
  }
  pack.end = end
}

/** Cuts off what stands behind the end. */
export async function cut(pack: OpenPack): Promise<void> {
  pack.torn = true
  await pack.file.truncate(pack.end)
  pack.torn = false
}

/** After a failure. What cannot be cut off now is cut off before the pack is used again. */
export const cutOrMark = (pack: OpenPack): Promise<void> => cut(pack).catch(() => undefined)

/** What counts in them is on the disk and in the index, so nothing that closing says changes anything. */
export async function letGo(packs: readonly OpenPack[]): Promise<void> {
  for (const { file } of packs) await file.close().catch(() => undefined)
}

/** The same bytes, at most LIMITS.writeBytesMax at once. */
function* inPieces(parts: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let piece: Uint8Array[] = []
  let room = LIMITS.writeBytesMax
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const some = part.subarray(at, at + room)
      piece.push(some)
      at += some.length
      room -= some.length
      if (room > 0) continue
      yield piece
      piece = []
      room = LIMITS.writeBytesMax
    }
  }
  if (piece.length > 0) yield piece
}

/** Writes all of it, and gives how much that is. */
async function writePiece(file: FileHandle, piece: readonly Uint8Array[], position: number): Promise<number> {
  const bytes = piece.reduce((sum, part) => sum + part.length, 0)
  let { bytesWritten: done } = await file.writev(piece, position)
  // A write that is cut short says why only when the rest is tried.
  const rest = done < bytes ? Buffer.concat(piece) : NO_BYTES
  while (done < bytes) done += (await file.write(rest, done, bytes - done, position + done)).bytesWritten
  return bytes
}
