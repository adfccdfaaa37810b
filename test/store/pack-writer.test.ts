import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { PACK_HEADER_BYTES } from '../../src/format/pack.js'
import { homePaths } from '../../src/store/home.js'
import { readIdentity } from '../../src/store/identity.js'
import { openTables, transact, withSnapshot } from '../../src/store/index/tables.js'
import { openPacks } from '../../src/store/packs/owners.js'
import { logRecord } from '../../src/store/packs/records.js'
import { PackWriter } from '../../src/store/packs/writer.js'
import { home } from './homes.js'

const RECORD_BYTES = 1000

/** Packs that are full with two records. */
function smallPacks(): void {
  const { packBytesMax } = LIMITS
  Object.assign(LIMITS, { packBytesMax: PACK_HEADER_BYTES + 3 * RECORD_BYTES })
  onTestFinished(() => {
    Object.assign(LIMITS, { packBytesMax })
  })
}

test('a pack that fills up while it is synced stays open until what came meanwhile is in the index too', async () => {
  const where = await home()
  const tables = openTables(where, homePaths(where).index)
  onTestFinished(() => tables.close())
  const { guid } = await readIdentity(where)
  const writer = new PackWriter(tables, guid)
  const append = () => writer.append([logRecord(Buffer.alloc(RECORD_BYTES))])
  const owned = () => withSnapshot(tables, async (snapshot) => openPacks(tables, snapshot).map(({ pack }) => pack))
  const commit = async (marks: ReturnType<PackWriter['marks']>) => {
    await writer.sync(marks)
    transact(tables, () => writer.writeOwners(marks))
    await writer.indexed(marks)
  }
  smallPacks()
  await append()
  const early = writer.marks()
  await append()
  await append()
  await commit(early)
  expect(await owned()).toEqual([1, 2])
  const late = writer.marks()
  expect(late.map(({ pack: { pack, end, indexed } }) => [pack, end > indexed])).toEqual([
    [1, true],
    [2, true],
  ])
  await commit(late)
  expect(await owned()).toEqual([2])
  await writer.close()
  expect(await owned()).toEqual([])
})
