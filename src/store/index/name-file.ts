import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { LIMITS } from '../../base/limits.js'
import { homePaths } from '../home.js'
import { allKeys, type Tables, transact } from './tables.js'

// The paths of all clusters, tenants and buckets as a text, one a line, for shells that complete them without a process. It is there only
// where it holds: each transaction that makes or drops a name takes it away first, and it is read and written under the same lock.

/** In a transaction that changes which names there are, or before the index is replaced. */
export const dropNameFile = (home: string): void => rmSync(homePaths(home).nameFile, { force: true })

/** Where there are more names than LIMITS.nameFileRowsMax, there is none. */
export function writeNameFile(tables: Tables): void {
  const target = homePaths(tables.home).nameFile
  const partial = `${target}.${randomUUID()}.partial`
  transact(tables, () => {
    if (tables.names.count > LIMITS.nameFileRowsMax) return
    const lines = allKeys(tables.names).map((key) => `${key.subarray(1).toString()}\n`)
    try {
      writeFileSync(partial, lines.join(''), { mode: 0o600 })
      renameSync(partial, target)
    } catch {
      // A disk that is full does not undo the change: without the file, who completes asks the index.
      rmSync(partial, { force: true })
    }
  })
}
