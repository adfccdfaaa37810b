import { execFileSync } from 'node:child_process'
import { chmod, copyFile, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.js'
import type { AdoptAs } from '../../src/model/adopting.js'
import { type SegmentGuid, segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { Version } from '../../src/model/manifest.js'
import type { Position } from '../../src/model/position.js'
import type { Segment } from '../../src/model/segment.js'
import { readIdentity, writeIdentity } from '../../src/store/identity.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, rowsUnder, transact } from '../../src/store/index/tables.js'
import { initSegment, openSegment, withSegment } from '../../src/store/segment.js'
import { collected, done, HandClock, inlineFile } from '../contracts/samples.js'
import { bucketOf, folder, home } from './homes.js'
import { listen, startWriter } from './writers.js'

const options = { clock: systemClock }

const copyHome = (from: string, to: string): void => {
  execFileSync('cp', ['-a', from, to])
}

const using = <T>(where: string, use: (segment: Segment) => T | Promise<T>, clock: Clock = systemClock): Promise<T> =>
  withSegment(where, { clock }, async (segment) => use(segment))

const write = async (segment: Segment, key: string, text: string): Promise<void> => {
  await segment.versions.publish(bucketOf(segment), [done(key, inlineFile(text))], { overwrite: true })
}

const writeIn = (where: string, ...keys: readonly string[]): Promise<Position> =>
  using(where, async (segment) => {
    const position = (): Position => segment.versions.position(bucketOf(segment))
    for (const key of keys) await write(segment, key, `${key}, change ${position().sequence} of ${where}`)
    return position()
  })

/** What a follower hears who has taken in everything up to `since`; undefined where it has to plan once more. */
const heard = (where: string, since: Position): Promise<string[] | undefined> =>
  using(where, async (segment) => {
    const changes = segment.versions.changes(bucketOf(segment), since)
    return changes && (await collected(changes)).map(({ key }) => key)
  })

const stateOf = (where: string): Promise<{ unadopted: boolean; guid: SegmentGuid; position: Position }> =>
  using(where, (segment) => ({
    unadopted: segment.unadopted,
    guid: segment.guid,
    position: segment.versions.position(bucketOf(segment)),
  }))

const adopt = (where: string, as: AdoptAs) => using(where, (segment) => segment.adopt(as))

const versionOf = (where: string, key: string): Promise<Version> =>
  using(where, async (segment) => {
    const { versions } = segment
    const bucket = bucketOf(segment)
    const head = versions.head(bucket, objectKey(key))
    const [version] = head === undefined ? [] : await versions.manifests(bucket, [head])
    if (version === undefined) throw new Error('no such version')
    return version
  })

async function expectSound(where: string): Promise<void> {
  expect((await using(where, (segment) => segment.check({ readData: true }))).damage).toEqual([])
}

test('a home that was copied: each side refuses what a follower took in at the other', async () => {
  const a = await home()
  const shared = await writeIn(a, 'before')
  const b = `${a}-copy`
  copyHome(a, b)
  const atA = await writeIn(a, 'a1', 'a2')
  const atB = await writeIn(b, 'b1', 'b2', 'b3')
  // The sequences overlap: a follower of A that asked B with them alone would be told b3, and never of b1 and b2.
  expect([atA.sequence, atB.sequence]).toEqual([shared.sequence + 2, shared.sequence + 3])
  expect(await heard(b, atA)).toBeUndefined()
  expect(await heard(b, shared)).toBeUndefined()
  expect(await heard(a, atB)).toBeUndefined()
  expect(await heard(a, shared)).toEqual(['a1', 'a2'])
  expect(await heard(b, { ...atB, sequence: atB.sequence - 1 })).toEqual(['b3'])
  expect((await stateOf(a)).unadopted).toBe(false)
  expect((await stateOf(b)).unadopted).toBe(true)
})

test.each([
  ['in its place', (a: string, backup: string) => execFileSync('sh', ['-c', `rm -rf ${a} && cp -a ${backup} ${a}`])],
  ['over the same files', (a: string, backup: string) => copyHome(`${backup}/.`, a)],
])('a backup that is put back %s: a follower plans once more', async (_, putBack) => {
  const a = await home()
  await writeIn(a, 'before')
  const backup = `${a}-backup`
  copyHome(a, backup)
  const later = await writeIn(a, 'lost1', 'lost2')
  putBack(a, backup)
  await writeIn(a, 'new1', 'new2', 'new3')
  expect(await heard(a, later)).toBeUndefined()
  expect((await stateOf(a)).unadopted).toBe(true)
})

test('a copy of a home that was never opened is noticed too', async () => {
  const a = path.join(await folder(), 'template')
  await initSegment(a, options)
  copyHome(a, `${a}-1`)
  const journals = [a, `${a}-1`].map((where) => using(where, ({ journal, unadopted }) => ({ journal, unadopted })))
  const [first, second] = await Promise.all(journals)
  expect([first?.unadopted, second?.unadopted]).toEqual([false, true])
  expect(second?.journal).not.toBe(first?.journal)
})

test('two processes that open a copy at once begin one journal', async () => {
  const a = await home()
  const b = `${a}-copy`
  copyHome(a, b)
  await Promise.all(['left', 'right'].map((name) => listen(startWriter(b, name, 2), () => false)))
  const { position } = await stateOf(b)
  const tables = openTables(b, path.join(b, 'index.mdb'))
  const journals = new Set(rowsUnder(tables.epochs, Buffer.alloc(16)).map(({ value }) => value.toString('hex')))
  await tables.close()
  expect(journals).toEqual(new Set([(await stateOf(a)).position.journal, position.journal]))
  await expectSound(b)
})

test('a disk that is set back, unseen, and booted again does not give out an epoch twice', async () => {
  const a = await home()
  await writeIn(a, 'before')
  const index = path.join(a, 'index.mdb')
  await copyFile(index, `${index}.snapshot`)
  const boot = async (keys: readonly string[], clock: Clock): Promise<Position> => {
    const tables = openTables(a, index)
    transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), boot: 'ff'.repeat(16), nextPack: 9 }))
    await tables.close()
    return using(
      a,
      async (segment) => {
        for (const key of keys) await write(segment, key, key)
        return segment.versions.position(bucketOf(segment))
      },
      clock,
    )
  }
  const now = systemClock.nowMs()
  const lost = await boot(['lost1', 'lost2'], new HandClock(now + 60_000))
  await copyFile(`${index}.snapshot`, index)
  await rm(path.join(a, 'packs', '00000009.pack'), { force: true })
  const again = await boot(['new1', 'new2', 'new3'], new HandClock(now + 120_000))
  expect(again.journal).toBe(lost.journal)
  expect(again.sequence).toBeGreaterThan(lost.sequence)
  expect(await heard(a, lost)).toBeUndefined()
})

test('a home that moves within its file system is as it was; one whose modes change is taken for a restored one', async () => {
  const a = await home()
  const position = await writeIn(a, 'x')
  await rename(a, `${a}-elsewhere`)
  expect(await stateOf(`${a}-elsewhere`)).toMatchObject({ unadopted: false, position })
  await chmod(path.join(`${a}-elsewhere`, 'segment.json'), 0o640)
  const after = await stateOf(`${a}-elsewhere`)
  expect(after.unadopted).toBe(true)
  expect(after.position.journal).not.toBe(position.journal)
  expect(await stateOf(`${a}-elsewhere`)).toEqual(after)
})

test('a moved home goes on as the segment that it was', async () => {
  const a = await home()
  const { guid } = await stateOf(a)
  copyHome(a, `${a}-copy`)
  expect(await adopt(`${a}-copy`, 'moved')).toEqual({ guid, before: guid, wasNeeded: true })
  expect(await stateOf(`${a}-copy`)).toMatchObject({ guid, unadopted: false })
  expect(await adopt(`${a}-copy`, 'moved')).toEqual({ guid, before: guid, wasNeeded: false })
})

test('a copied home becomes a segment of its own, and the packs of before stay its own', async () => {
  const a = await home()
  await writeIn(a, 'x')
  const b = `${a}-copy`
  copyHome(a, b)
  const { guid: before } = await stateOf(b)
  const { guid } = await adopt(b, 'copied')
  expect(guid).not.toBe(before)
  await writeIn(b, 'y')
  expect(await stateOf(b)).toMatchObject({ guid, unadopted: false })
  const { createdMs } = readIdentity(a)
  const fields = { format: 2, guid, createdMs, former: [before] }
  expect(JSON.parse(await readFile(path.join(b, 'segment.json'), 'utf8'))).toEqual(fields)
  await expectSound(b)
  expect(await stateOf(a)).toMatchObject({ guid: before, unadopted: false })
  copyHome(b, `${a}-third`)
  const third = await adopt(`${a}-third`, 'copied')
  expect(readIdentity(`${a}-third`)).toMatchObject({ guid: third.guid, former: [before, guid] })
  await expectSound(`${a}-third`)
})

test('what a copy and its original write are conflicts, also when it was written before the copy was adopted', async () => {
  const a = await home()
  await writeIn(a, 'early', 'late')
  const b = `${a}-copy`
  copyHome(a, b)
  await writeIn(a, 'early', 'late')
  await writeIn(b, 'early')
  const { guid } = await adopt(b, 'copied')
  await writeIn(b, 'late')
  for (const key of ['early', 'late']) {
    const there = await versionOf(b, key)
    expect(there.manifest.stamp.segment).toBe(guid)
    await using(a, async (segment) => {
      await segment.versions.publish(bucketOf(segment), [done(key, there)], { overwrite: false })
      expect(segment.versions.head(bucketOf(segment), objectKey(key))?.held?.tips).toBe(2)
    })
  }
})

test('an adoption that is killed before the index knows of it leaves a home that opens and can be adopted', async () => {
  const a = await home()
  await writeIn(a, 'x')
  const b = `${a}-copy`
  copyHome(a, b)
  const { guid: before, position } = await stateOf(b)
  const { createdMs } = readIdentity(b)
  const meant = await using(b, ({ journal }) => journal)
  await writeIdentity(b, { guid: segmentGuid(meant), createdMs, former: [before] })
  const after = await stateOf(b)
  expect(after).toMatchObject({ guid: meant, unadopted: true })
  expect(after.position.journal).not.toBe(position.journal)
  await writeIn(b, 'y')
  await expectSound(b)
  expect(await adopt(b, 'moved')).toMatchObject({ guid: meant, wasNeeded: true })
  const { guid } = await adopt(b, 'copied')
  expect(readIdentity(b)).toMatchObject({ guid, former: [before, meant] })
  await expectSound(b)
})

test('who has the home open while it becomes another segment writes no more in the name of before', async () => {
  const a = await home()
  const old = await openSegment(a, options)
  const { wasNeeded } = await adopt(a, 'copied')
  expect(wasNeeded).toBe(false)
  await expect(write(old, 'k', 'old')).rejects.toMatchObject({ code: 'CONFLICT' })
  await old.close()
  await writeIn(a, 'k')
  await expectSound(a)
})

test('an index of another segment is refused', async () => {
  const [a, b] = [await home(), await home()]
  await copyFile(path.join(b, 'index.mdb'), path.join(a, 'index.mdb'))
  await expect(openSegment(a, options)).rejects.toMatchObject({ code: 'CORRUPT' })
})
