import { existsSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'
import { systemCode } from '../../base/errors.js'
import { homePaths } from '../home.js'
import { closeIn, type Gate, NO_GATE } from './gate.js'
import { childrenPrefix } from './keys.js'
import { gateOf, OPENING, rowsUnder, tablesOf } from './tables.js'

/**
 * The paths of the clusters, tenants or buckets directly below `parent` (`''`: the clusters), in byte order, of a home that is not opened: for who
 * only offers them. Nothing of the index is written.
 */
export async function namesBelow(home: string, parent: string): Promise<string[]> {
  const { index } = homePaths(home)
  if (!existsSync(index)) return []
  const gate = gateFor(home)
  const leave = gate.enter()
  let root: RootDatabase<Buffer, Buffer> | undefined
  try {
    root = gate.hold(() => open<Buffer, Buffer>({ ...OPENING, path: index, readOnly: true }))
    const { names } = tablesOf({ root, home }, ['names'])
    return rowsUnder(names, childrenPrefix(parent)).map(({ key }) => key.subarray(1).toString())
  } finally {
    if (root !== undefined) await closeIn(gate, root)
    leave()
  }
}

/** Who may not write there opens the index without what others share of it. */
function gateFor(home: string): Gate {
  try {
    return gateOf(home)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return NO_GATE
    throw error
  }
}
