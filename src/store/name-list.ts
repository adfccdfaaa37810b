import { existsSync } from 'node:fs'
import { open } from 'lmdb'
import { homePaths } from './home.js'
import { childrenPrefix } from './keys.js'
import { OPENING, rowsUnder, tablesOf } from './tables.js'

/**
 * The paths of the clusters, tenants or buckets directly below `parent` (`''`: the clusters), in byte order, of a home that is not opened: for who
 * only offers them. Nothing is written.
 */
export async function namesBelow(home: string, parent: string): Promise<string[]> {
  const { index } = homePaths(home)
  if (!existsSync(index)) return []
  const root = open<Buffer, Buffer>({ ...OPENING, path: index, readOnly: true })
  try {
    const { names } = tablesOf({ root, home }, ['names'])
    return rowsUnder(names, childrenPrefix(parent)).map(({ key }) => key.subarray(1).toString())
  } finally {
    await root.close()
  }
}
