import { type FileHandle, open } from 'node:fs/promises'
import { loadCompression } from '../base/compression.js'
import { writeFileDurably } from '../base/durable-file.js'
import { unlessGone } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { encodePackHeader, isPackHeader, PACK_HEADER_BYTES } from '../format/pack.js'
import type { SegmentGuid } from '../model/ids.js'
import type { PublishParts } from './commit/publish-job.js'
import { type Dead, gatherDead, nothingDead, replay, type Stretch } from './commit/replay.js'
import { packPath } from './home.js'
import { type Tables, transact } from './index/tables.js'
import { removeDoomed } from './packs/doomed.js'
import { sealAt } from './packs/lengths.js'
import { claimOrphans, giveBackOrphans, type Orphan, setOwner } from './packs/owners.js'

interface Tail extends Stretch {
  readonly owned: Orphan
}

/**
 * Takes in what processes that are gone wrote after their last commit, so that it is not written again: indexes the
 * whole records, cuts the torn one off, and seals the packs. Returns how many packs that were.
 */
export async function adoptOrphans(parts: PublishParts, guid: SegmentGuid): Promise<number> {
  await removeDoomed(parts.index.tables)
  const orphans = claimOrphans(parts.index.tables)
  if (orphans.length > 0) await loadCompression()
  const left = new Set(orphans)
  const tails: Tail[] = []
  const dead = nothingDead()
  try {
    for (const orphan of orphans) {
      const tail = await tailOf(parts.index.tables, guid, orphan, dead)
      if (tail === undefined) left.delete(orphan)
      else tails.push(tail)
    }
    for (const tail of tails) {
      await adopt(parts, tail, dead)
      left.delete(tail.owned)
    }
  } finally {
    for (const { file } of tails) await file.close()
    giveBackOrphans(parts.index.tables, [...left])
  }
  return orphans.length
}

async function adopt(parts: PublishParts, { owned, ...tail }: Tail, dead: Dead): Promise<void> {
  const { tables } = parts.index
  await tail.file.truncate(tail.to)
  await writeAgain(tail)
  await tail.file.datasync()
  await replay(tail, dead, parts, (indexed) => setOwner(tables, { ...owned, indexed }))
  transact(tables, () => sealAt(tables, tail.pack, tail.to))
}

/**
 * The sync of the process that wrote it may have failed. The system says so once, and not to us: what is not written
 * again may stand in memory only, and a sync would succeed.
 */
async function writeAgain({ file, from, to }: Stretch): Promise<void> {
  const window = Buffer.allocUnsafe(Math.min(LIMITS.packBufferBytes, to - from))
  for (let at = from; at < to; ) {
    const { bytesRead } = await file.read(window, 0, Math.min(window.length, to - at), at)
    const { bytesWritten } = await file.write(window, 0, bytesRead, at)
    at += bytesWritten
  }
}

/**
 * Undefined for a pack that was never begun: its owner's row stood in the index before the file was made. It is made now, without
 * a record, so that a number for which there is no file means that one was lost.
 */
async function tailOf(tables: Tables, guid: SegmentGuid, owned: Orphan, dead: Dead): Promise<Tail | undefined> {
  const { pack, indexed } = owned
  const target = packPath(tables.home, pack)
  const file = await open(target, 'r+').catch(unlessGone)
  let size = 0
  let tail: Tail | undefined
  try {
    size = (await file?.stat())?.size ?? 0
    if (file !== undefined && size >= indexed && (await hasHeader(file))) {
      tail = { file, pack, from: indexed, to: await gatherDead({ file, pack, from: indexed, to: size }, dead), owned }
    }
  } finally {
    if (tail === undefined) await file?.close()
  }
  if (tail !== undefined) return tail
  // Damage to a pack that had records is for `check` to name; a header that was cut short is nothing.
  if (indexed <= PACK_HEADER_BYTES && size <= PACK_HEADER_BYTES)
    await writeFileDurably(target, encodePackHeader({ segment: guid, number: pack }))
  transact(tables, () => sealAt(tables, pack, indexed))
  return undefined
}

async function hasHeader(file: FileHandle): Promise<boolean> {
  const bytes = Buffer.alloc(PACK_HEADER_BYTES)
  await file.read(bytes, 0, PACK_HEADER_BYTES, 0)
  return isPackHeader(bytes)
}
