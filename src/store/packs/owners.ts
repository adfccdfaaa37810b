import { decodeOwnerRow, encodeOwnerRow, type OwnerRow } from '../../format/rows-home.js'
import { packKey } from '../index/keys.js'
import { readIndexRow, writeIndexRow } from '../index/row.js'
import type { Snapshot } from '../index/table.js'
import { ALL, rowsUnder, type Tables, transact } from '../index/tables.js'
import { isRunning, NOBODY, type ProcessIdentity, thisProcess } from '../process-identity.js'

/** A pack that a process has open. */
export interface OwnedPack extends Readonly<Pick<OwnerRow, 'indexed' | 'sinceDense'>> {
  readonly pack: number
}

/**
 * A pack number of our own. Its row stands in the index before the file is made, so that no file is ever unowned.
 * `sinceDense`: where this process began to write before.
 */
export function allocatePack(tables: Tables, indexed: number, sinceDense: number | undefined): OwnedPack {
  return transact(tables, () => {
    const row = readIndexRow(tables)
    writeIndexRow(tables, { ...row, nextPack: row.nextPack + 1 })
    const owned = { pack: row.nextPack, indexed, sinceDense: sinceDense ?? row.nextDense }
    setOwner(tables, owned)
    return owned
  })
}

/**
 * A pack that was allocated and could not be made: its number is the next one again. Where others have got later ones it keeps its
 * owner, so that the next opener makes the file.
 */
export function giveBack(tables: Tables, pack: number): void {
  transact(tables, () => {
    const row = readIndexRow(tables)
    if (row.nextPack !== pack + 1) return
    writeIndexRow(tables, { ...row, nextPack: pack })
    removeOwner(tables, pack)
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
    const { nextPack, nextDense } = readIndexRow(tables)
    for (let pack = nextPack - 1; pack > 0 && pack >= nextPack - REUSE_LOOK; pack--) {
      const length = tables.owners.doesExist(packKey(pack)) ? undefined : roomIn(pack)
      if (length === undefined) continue
      const owned = { pack, indexed: length, sinceDense: nextDense }
      setOwner(tables, owned)
      return owned
    }
    return undefined
  })
}

/** Takes sealed packs, so that nobody goes on with them. Gives those that it got. */
export function claimPacks(tables: Tables, packs: readonly Omit<OwnedPack, 'sinceDense'>[]): number[] {
  return transact(tables, () => {
    const { nextDense } = readIndexRow(tables)
    const free = packs.filter(({ pack }) => !tables.owners.doesExist(packKey(pack)))
    for (const one of free) setOwner(tables, { ...one, sinceDense: nextDense })
    return free.map(({ pack }) => pack)
  })
}

/** In a transaction: this process owns the pack, and the index knows it up to `indexed`. */
export function setOwner(tables: Tables, { pack, indexed, sinceDense }: OwnedPack): void {
  tables.owners.putSync(packKey(pack), encodeOwnerRow({ ...thisProcess(), indexed, sinceDense }))
}

/** In a transaction: the pack holds nothing any more, and its file is to go. Nobody goes on with it, whatever happens until then. */
export function doom(tables: Tables, pack: number): void {
  tables.owners.putSync(packKey(pack), encodeOwnerRow({ ...NOBODY, indexed: 0, sinceDense: 0 }))
}

export const doomedPacks = (tables: Tables): number[] =>
  openPacks(tables).flatMap(({ pack, pid }) => (pid === NOBODY.pid ? [pack] : []))

/** In a transaction: the pack is sealed. */
export function removeOwner(tables: Tables, pack: number): void {
  tables.owners.removeSync(packKey(pack))
}

/** A pack and whose it was. */
export type Orphan = OwnedPack & ProcessIdentity

/** Orphans that could not be taken over whole are their owners' again, so that the next opener does it. */
export function giveBackOrphans(tables: Tables, left: readonly Orphan[]): void {
  if (left.length === 0) return
  transact(tables, () => {
    for (const { pack, pid, startTicks, boot, space } of left) {
      const row = tables.owners.get(packKey(pack))
      if (row === undefined) continue
      tables.owners.putSync(packKey(pack), encodeOwnerRow({ ...decodeOwnerRow(row), pid, startTicks, boot, space }))
    }
  })
}

/** Takes over the packs of processes that are gone. What one opener claims, another one no longer finds. */
export function claimOrphans(tables: Tables): Orphan[] {
  if (orphans(tables).length === 0) return []
  return transact(tables, () => {
    const { nextDense } = readIndexRow(tables)
    const claimed = orphans(tables).map((orphan) => ({ ...orphan, sinceDense: nextDense }))
    for (const orphan of claimed) setOwner(tables, orphan)
    return claimed
  })
}

/** The packs that somebody may be writing to now. */
export const openPacks = (tables: Tables, snapshot?: Snapshot): Orphan[] =>
  rowsUnder(tables.owners, ALL, snapshot && { snapshot }).map(({ key, value }) => ({
    pack: key.readUInt32BE(0),
    ...decodeOwnerRow(value),
  }))

const orphans = (tables: Tables): Orphan[] =>
  openPacks(tables).filter((owner) => owner.pid !== NOBODY.pid && !isRunning(owner, tables.home))
