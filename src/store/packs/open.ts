import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { syncFolder } from '../../base/durable-file.js'
import { systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { encodePackHeader, isHeaderOf, PACK_HEADER_BYTES, type PackHeader } from '../../format/pack.js'
import type { SegmentGuid } from '../../model/ids.js'
import { homePaths, packPath } from '../home.js'
import { type Tables, transact } from '../index/tables.js'
import { type OpenPack, writeAt } from './file.js'
import { lengthOf } from './lengths.js'
import { allocatePack, claimSealed, giveBack, type OwnedPack, removeOwner } from './owners.js'

/** A pack to write to: one with room in it, or a new one. One that cannot be opened is nobody's again. */
export const packWithRoom = async (tables: Tables, guid: SegmentGuid): Promise<OpenPack> =>
  (await goOn(tables, guid)) ?? newPack(tables, guid, undefined)

/** A pack that an earlier run sealed with room in it. Its last byte is in the index, as that of every sealed pack. */
async function goOn(tables: Tables, guid: SegmentGuid): Promise<OpenPack | undefined> {
  const claimed = claimSealed(tables, (number) =>
    lengthWithRoom(packPath(tables.home, number), { segment: guid, number }, lengthOf(tables, number)),
  )
  if (claimed === undefined) return undefined
  try {
    return openPack(claimed, await open(packPath(tables.home, claimed.pack), 'r+'), guid)
  } catch (error) {
    transact(tables, () => removeOwner(tables, claimed.pack))
    throw error
  }
}

/** `sinceDense`: where this process began to write before. */
export async function newPack(tables: Tables, guid: SegmentGuid, sinceDense: number | undefined): Promise<OpenPack> {
  const owned = allocatePack(tables, PACK_HEADER_BYTES, sinceDense)
  const target = packPath(tables.home, owned.pack)
  const file = await create(tables, owned.pack)
  const pack = openPack(owned, file, guid)
  try {
    await writeAt(pack, 0, [pack.header])
    await syncFolder(homePaths(tables.home).packs)
  } catch (error) {
    await file.close()
    await rm(target, { force: true })
    giveBack(tables, owned.pack)
    throw error
  }
  return pack
}

async function create(tables: Tables, pack: number): Promise<FileHandle> {
  try {
    return await open(packPath(tables.home, pack), 'wx+', 0o600)
  } catch (error) {
    // A file that the index does not know keeps its owner, so that the next opener looks at it.
    if (systemCode(error) !== 'EEXIST') giveBack(tables, pack)
    throw error
  }
}

const openPack = (owned: OwnedPack, file: FileHandle, segment: SegmentGuid): OpenPack => ({
  ...owned,
  file,
  header: encodePackHeader({ segment, number: owned.pack }),
  end: owned.indexed,
  sealed: false,
  torn: false,
})

/** Undefined where there is no such pack, where it is no pack or shorter than `least`, or where it is large enough. */
function lengthWithRoom(target: string, header: PackHeader, least: number): number | undefined {
  const length = statSync(target, { throwIfNoEntry: false })?.size
  if (length === undefined || length < Math.max(least, PACK_HEADER_BYTES) || length >= LIMITS.packReuseBytesMax)
    return undefined
  const bytes = Buffer.alloc(PACK_HEADER_BYTES)
  const file = openSync(target, 'r')
  try {
    readSync(file, bytes)
    return isHeaderOf(header, bytes) ? length : undefined
  } finally {
    closeSync(file)
  }
}
