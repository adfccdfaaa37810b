import { decodeOwnerRow, encodeOwnerRow, type OwnerRow } from '../format/rows-home.js'
import { readIndexRow, writeIndexRow } from './index-row.js'
import { packKey } from './keys.js'
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity.js'
import { ALL, rowsUnder, type Snapshot, type Tables, transact } from './tables.js'

/** A pack that a process had open, with how far the index knows it. */
export interface OwnedPack {
  readonly pack: number
  readonly indexed: number
}

/** A pack number of our own. Its row stands in the index before the file is made, so that no file is ever unowned. */
export function allocatePack(tables: Tables, indexed: number): number {
  return transact(tables, () => {
    const row = readIndexRow(tables)
    writeIndexRow(tables, { ...row, nextPack: row.nextPack + 1 })
    setOwner(tables, row.nextPack, indexed)
    return row.nextPack
  })
}

/** How many packs are looked at for one that can be gone on with. */
const REUSE_LOOK = 8

/**
 * A sealed pack that this process may go on with, so that many short runs do not leave many small packs; undefined where
 * none of the latest has room. `roomIn` gives the length of a pack that can take more.
 */
export function claimSealed(tables: Tables, roomIn: (pack: number) => number | undefined): OwnedPack | undefined {
  return transact(tables, () => {
    const { nextPack } = readIndexRow(tables)
    for (let pack = nextPack - 1; pack > 0 && pack >= nextPack - REUSE_LOOK; pack--) {
      const length = tables.owners.doesExist(packKey(pack)) ? undefined : roomIn(pack)
      if (length === undefined) continue
      setOwner(tables, pack, length)
      return { pack, indexed: length }
    }
    return undefined
  })
}

/** In a transaction: this process owns the pack, and the index knows it up to `indexed`. */
export function setOwner(tables: Tables, pack: number, indexed: number): void {
  tables.owners.putSync(packKey(pack), encodeOwnerRow({ ...self(), indexed }))
}

/** In a transaction: the pack is sealed. */
export function removeOwner(tables: Tables, pack: number): void {
  tables.owners.removeSync(packKey(pack))
}

/** Takes over the packs of processes that are gone. What one opener claims, another one no longer finds. */
export function claimOrphans(tables: Tables): OwnedPack[] {
  if (orphans(tables).length === 0) return []
  return transact(tables, () => {
    const claimed = orphans(tables)
    for (const { pack, indexed } of claimed) setOwner(tables, pack, indexed)
    return claimed
  })
}

/** The packs that somebody may be writing to now. */
export const openPacks = (tables: Tables, snapshot: Snapshot): OwnedPack[] =>
  owners(tables, snapshot).map(({ pack, row }) => ({ pack, indexed: row.indexed }))

const orphans = (tables: Tables): OwnedPack[] =>
  owners(tables)
    .filter(({ row }) => !isRunning(row))
    .map(({ pack, row }) => ({ pack, indexed: row.indexed }))

const owners = (tables: Tables, snapshot?: Snapshot): { pack: number; row: OwnerRow }[] =>
  [...rowsUnder(tables.owners, ALL, snapshot && { snapshot })].map(({ key, value }) => ({
    pack: key.readUInt32BE(0),
    row: decodeOwnerRow(value),
  }))

let identity: ProcessIdentity | undefined
const self = (): ProcessIdentity => {
  identity ??= thisProcess()
  return identity
}
