import { expect, test } from 'vitest'
import { journalId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import { sweepDropped } from '../../src/store/collect/dropped.js'
import { uidKey } from '../../src/store/index/keys.js'
import { applyDrop } from '../../src/store/index/name-rows.js'
import { rowsUnder, transact } from '../../src/store/index/tables.js'
import { inlineFile } from '../contracts/samples.js'
import { type Opened, openParts } from './parts.js'

const RUN = { dryRun: false }

/** Rows of all tables that start with the uid. */
function rowsOf({ tables }: Opened, uid: Buffer): number {
  const { root: _, home: __, gate: ___, close: ____, ...all } = tables
  return Object.values(all).reduce((sum, table) => sum + rowsUnder(table, uid).length, 0)
}

/** A bucket that uses every table, without a live object. */
async function fill(at: Opened, path: string) {
  const { uid } = await at.names.create(path, {})
  const position = { journal: journalId('22'.repeat(16)), epoch: 1, sequence: 1 }
  await at.write('a', inlineFile('1'), uid)
  await at.write('a', inlineFile('2'), uid)
  await at.write('b', inlineFile('1'), uid)
  const deletes = ['a', 'b'].map((key, object) => ({ object, key: objectKey(key), content: DELETION }))
  const parked = [{ key: objectKey('z'), why: 'lost' }]
  const move = { name: 'peer', from: undefined, to: { position }, parked }
  await at.versions.publish(uid, deletes, { overwrite: true, move })
  const seen = { size: 1, mtimeNs: 1n, ctimeNs: 1n, inode: 1n, takenMs: 1 }
  const id = at.versions.head(uid, objectKey('a'))?.held?.id
  if (id === undefined) throw new Error('no head')
  await at.versions.baseline(uid, 'peer').put([{ key: objectKey('a'), id, seen }], [])
  await at.parts.committer.flush()
  return uid
}

test('a bucket that is dropped leaves no row, and its neighbours lose none', async () => {
  const at = await openParts()
  await at.write('a', inlineFile('1'))
  const [gone, other] = [await fill(at, 'Hawaii/Cola/bk2'), await fill(at, 'Hawaii/Cola/bk3')]
  const rows = [uidKey(at.bucket), uidKey(other)].map((uid) => rowsOf(at, uid))
  expect(rowsOf(at, uidKey(gone))).toBe(rows[1])
  await at.names.drop('Hawaii/Cola/bk2')
  expect(rowsOf(at, uidKey(gone))).toBe(0)
  expect([uidKey(at.bucket), uidKey(other)].map((uid) => rowsOf(at, uid))).toEqual(rows)
  expect((await at.check()).damage).toEqual([])
})

test("what a killed process left of a drop is nobody's, and the next sweep removes it", async () => {
  const at = await openParts()
  const gone = await fill(at, 'Hawaii/Cola/bk2')
  const { versions } = await at.check()
  transact(at.tables, () => applyDrop(at.tables, gone))
  const left = rowsOf(at, uidKey(gone))
  expect(left).toBeGreaterThan(10)
  expect(at.names.find('Hawaii/Cola/bk2')).toBeUndefined()
  expect(at.versions.counters(gone)).toMatchObject({ objects: 0, versions: 0, deleted: 0 })
  expect(await at.check()).toMatchObject({ damage: [], versions: versions - 5 })
  const again = await at.names.create('Hawaii/Cola/bk2', {})
  expect(at.versions.versions(again.uid, objectKey('a'))).toEqual([])
  await expect(at.write('a', inlineFile('x'), gone)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await sweepDropped(at.tables, { dryRun: true })).toBe(left)
  expect(rowsOf(at, uidKey(gone))).toBe(left)
  expect(await sweepDropped(at.tables, RUN)).toBe(left)
  expect(rowsOf(at, uidKey(gone))).toBe(0)
  expect(await sweepDropped(at.tables, RUN)).toBe(0)
  expect(at.versions.changes(again.uid, at.versions.position(again.uid))).toBeDefined()
})
