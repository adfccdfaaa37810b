import { existsSync, statSync } from 'node:fs'
import { LIMITS } from '../../base/limits.js'
import { homePaths } from '../home.js'
import { damagedIndex, storeError } from '../store-error.js'
import { hasSoundPages, readMetas } from './pages.js'
import { assertOpens } from './tables.js'

/**
 * Whether an index can be opened and used, as far as a look at it tells that costs little: at all of a small one, at the first pages of a
 * larger one, and at all where the file ends before the last page in use: LMDB need not have written pages that it took and freed
 * in one transaction.
 * @throws CORRUPT
 */
export async function assertSound(home: string): Promise<void> {
  const { index } = homePaths(home)
  const metas = readMetas(index)
  if (metas === 'none') return
  if (metas === 'damaged') throw damagedIndex(home)
  const isSmall = statSync(index).size <= LIMITS.indexLookBytesMax
  // What is written to meanwhile may look wrong: only who holds it still can tell.
  if (!metas.isWhole || (isSmall && !hasSoundPages(index))) await assertWhole(home)
}

/** Whether each page of an index that is there is what it should be. Another process tries it. @throws CORRUPT; as opening it where it cannot be opened */
export async function assertWhole(home: string): Promise<void> {
  const { index } = homePaths(home)
  if (!existsSync(index)) return
  // What keeps everybody from opening it is no damage.
  try {
    assertOpens(home, index)
  } catch (error) {
    throw storeError(error, home)
  }
  const { OldIndex } = await import('../rebuild/old-index.js')
  const old = await OldIndex.open(home)
  try {
    if (old === undefined || !(await old.isSound())) throw damagedIndex(home)
  } finally {
    await old?.close()
  }
}
