import { rm } from 'node:fs/promises'
import { syncFolder } from '../../base/durable-file.js'
import { homePaths, packPath } from '../home.js'
import { type Tables, transact } from '../index/tables.js'
import { noteGone } from './missing.js'
import { doomedPacks, removeOwner } from './owners.js'

/** Removes the files of packs that hold nothing any more. Several processes may do it at once. */
export async function removeDoomed(tables: Tables): Promise<void> {
  const doomed = doomedPacks(tables)
  if (doomed.length === 0) return
  for (const pack of doomed) await rm(packPath(tables.home, pack), { force: true })
  await syncFolder(homePaths(tables.home).packs)
  transact(tables, () => {
    noteGone(tables, doomed)
    for (const pack of doomed) removeOwner(tables, pack)
  })
}
