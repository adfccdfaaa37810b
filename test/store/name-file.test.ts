import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { bucketUid } from '../../src/model/ids.js'
import { homePaths } from '../../src/store/home.js'
import { applyName, type NameRecord } from '../../src/store/index/name-rows.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, type Tables, transact } from '../../src/store/index/tables.js'
import { openSegment, withSegment } from '../../src/store/segment.js'
import { home } from './homes.js'

const OPTIONS = { clock: systemClock }

const listed = (where: string): string[] => readFileSync(homePaths(where).nameFile, 'utf8').trimEnd().split('\n')

const clusterOf = (number: number): NameRecord => {
  const uid = bucketUid(number.toString(16).padStart(32, '0'))
  return { kind: 'name', named: { kind: 'cluster', uid, path: `c${number}`, settings: {}, createdMs: 1 }, stamp: 1 }
}

/** Changes the index of a home that nobody has open. */
async function inIndex(where: string, work: (tables: Tables) => void): Promise<void> {
  const tables = openTables(where, homePaths(where).index)
  try {
    transact(tables, () => work(tables))
  } finally {
    await tables.close()
  }
}

test('it has the names that there are, whoever changes them', async () => {
  const where = await home()
  const [one, other] = [await openSegment(where, OPTIONS), await openSegment(where, OPTIONS)]
  try {
    await Promise.all([one.names.create('Maui', {}), other.names.create('Hawaii/Pepsi', {})])
    expect(listed(where)).toEqual(['Hawaii', 'Maui', 'Hawaii/Cola', 'Hawaii/Pepsi', 'Hawaii/Cola/bk1'])
    await one.names.drop('Hawaii/Pepsi')
    await other.names.set('Maui', () => ({ numberOfVersions: 3 }))
    expect(listed(where)).toEqual(['Hawaii', 'Maui', 'Hawaii/Cola', 'Hawaii/Cola/bk1'])
  } finally {
    await one.close()
    await other.close()
  }
})

test('a change that is broken off leaves none, and the next one brings it back', async () => {
  const where = await home()
  const broken = inIndex(where, (tables) => {
    applyName(tables, clusterOf(1))
    throw new Error('broken off')
  })
  await expect(broken).rejects.toThrow('broken off')
  expect(existsSync(homePaths(where).nameFile)).toBe(false)
  await withSegment(where, OPTIONS, ({ names }) => names.create('Maui', {}))
  expect(listed(where)).toEqual(['Hawaii', 'Maui', 'Hawaii/Cola', 'Hawaii/Cola/bk1'])
})

test('what a crash left ahead of the index is written anew with the next epoch', async () => {
  const where = await home()
  writeFileSync(homePaths(where).nameFile, 'Ghost\n')
  await inIndex(where, (tables) => writeIndexRow(tables, { ...readIndexRow(tables), boot: '0'.repeat(32) }))
  await withSegment(where, OPTIONS, async () => undefined)
  expect(listed(where)).toEqual(['Hawaii', 'Hawaii/Cola', 'Hawaii/Cola/bk1'])
})

test('there is none where there are too many names', async () => {
  const where = await home()
  await inIndex(where, (tables) => {
    for (let number = 0; number < LIMITS.nameFileRowsMax - 4; number++) applyName(tables, clusterOf(number))
  })
  await withSegment(where, OPTIONS, async ({ names }) => {
    await names.create('Maui', {})
    expect(listed(where)).toHaveLength(LIMITS.nameFileRowsMax)
    await names.create('Oahu', {})
    expect(existsSync(homePaths(where).nameFile)).toBe(false)
    await names.drop('Oahu')
    expect(listed(where)).toHaveLength(LIMITS.nameFileRowsMax)
  })
})
