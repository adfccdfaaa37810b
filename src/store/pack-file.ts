import type { FileHandle } from 'node:fs/promises'
import type { OwnedPack } from './owners.js'

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
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  try {
    const { bytesWritten } = await pack.file.writev(parts, position)
    // A write that is cut short says why only when the rest is tried.
    if (bytesWritten < bytes) {
      await writeRest(pack.file, Buffer.concat(parts).subarray(bytesWritten), position + bytesWritten)
    }
  } catch (error) {
    await cutOrMark(pack)
    throw error
  }
  pack.end = position + bytes
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

async function writeRest(file: FileHandle, rest: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < rest.length; ) {
    const { bytesWritten } = await file.write(rest, done, rest.length - done, position + done)
    done += bytesWritten
  }
}
