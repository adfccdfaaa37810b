import { cp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { encodeOwnerRow } from '../../src/format/rows-home.js'
import { packKey } from '../../src/store/index/keys.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { openPacks } from '../../src/store/packs/owners.js'

export const indexOf = (home: string): string => path.join(home, 'index.mdb')

const keptOf = (home: string): string => path.join(home, 'index.kept')
const OTHER_BOOT = 'ab'.repeat(16)

export async function forgetIndex(home: string): Promise<void> {
  for (const file of [indexOf(home), `${indexOf(home)}-lock`]) await rm(file, { force: true })
}

/** The index as it is now. No commit runs. */
export const keepIndex = (home: string): Promise<void> => cp(indexOf(home), keptOf(home))

/**
 * The home as a process left it that was killed after it had written to its packs what is in them now, and to the index only what
 * it was when it was kept. Nobody has it open.
 */
export async function killed(home: string): Promise<void> {
  await forgetIndex(home)
  await rename(keptOf(home), indexOf(home))
  const tables = openTables(home, indexOf(home))
  transact(tables, () => {
    for (const { pack, ...owner } of openPacks(tables)) {
      tables.owners.putSync(packKey(pack), encodeOwnerRow({ ...owner, boot: OTHER_BOOT }))
    }
  })
  await tables.close()
}
