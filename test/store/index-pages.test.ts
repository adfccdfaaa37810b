import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { hasSoundPages, readMetas } from '../../src/store/index/pages.js'
import { allKeys, openTables, transact } from '../../src/store/index/tables.js'
import { emptyFolder } from '../directory/folders.js'

const PAGE = 4096

/** An index with trees of several levels, values of more than a page, and pages that are free. */
async function makeIndex(): Promise<string> {
  const home = emptyFolder()
  const index = path.join(home, 'index.mdb')
  const tables = openTables(home, index)
  const key = (n: number): Buffer => Buffer.from(`key ${n} ${'x'.repeat(n % 90)}`)
  for (let round = 0; round < 5; round++) {
    transact(tables, () => {
      for (let n = 0; n < 400; n++) tables.heads.putSync(key(n * (round + 1)), Buffer.alloc(20 + (n % 150), round))
      for (let n = 0; n < 8; n++) tables.cells.putSync(key(n), Buffer.alloc(9000 + n + round, n))
    })
    transact(tables, () => {
      for (let n = 0; n < 400; n += 2) tables.heads.removeSync(key(n))
    })
  }
  expect(allKeys(tables.heads).length).toBeGreaterThan(400)
  await tables.close()
  return index
}

/** Whether the index is sound while those bytes stand there. */
function isSoundWith(index: string, at: number, bytes: Buffer): boolean {
  const file = openSync(index, 'r+')
  try {
    const before = readFileSync(index).subarray(at, at + bytes.length)
    writeSync(file, bytes, 0, bytes.length, at)
    const sound = hasSoundPages(index)
    writeSync(file, before, 0, before.length, at)
    return sound
  } finally {
    closeSync(file)
  }
}

test('an index as LMDB leaves it is sound, an empty file is none, anything else is damaged', async () => {
  const index = await makeIndex()
  expect(hasSoundPages(index)).toBe(true)
  expect(readMetas(index)).toMatchObject({ pageBytes: PAGE, isWhole: true })
  expect(readMetas('/dev/null')).toBe('none')
  expect(hasSoundPages('/dev/null')).toBe(true)
  expect(readMetas(import.meta.filename)).toBe('damaged')
  expect(hasSoundPages(import.meta.filename)).toBe(false)
})

test('a page in use that is not what it was is found, whatever stands in it', async () => {
  const index = await makeIndex()
  const good = readFileSync(index)
  const pages = statSync(index).size / PAGE
  const zeros = Buffer.alloc(PAGE)
  const all = Array.from({ length: pages }, (_, page) => page)
  const used = all.filter((page) => page >= 2 && !isSoundWith(index, page * PAGE, zeros))
  expect(used.length).toBeGreaterThan(50)
  expect(used.length).toBeLessThan(pages - 2)
  for (const [i, page] of used.entries()) {
    // The page that another one is: right in itself.
    const other = used[(i + 1) % used.length] ?? page
    const taken = good.subarray(other * PAGE, (other + 1) * PAGE)
    expect({ page, sound: isSoundWith(index, page * PAGE, taken) }).toEqual({ page, sound: false })
    // The places of its nodes.
    const torn = Buffer.from(good.subarray(page * PAGE + 16, page * PAGE + 40).map((byte) => byte ^ 0x55))
    expect({ page, sound: isSoundWith(index, page * PAGE + 16, torn) }).toEqual({ page, sound: false })
  }
})
