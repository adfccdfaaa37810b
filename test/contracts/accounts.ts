import { expect, test } from 'vitest'
import { contentHash, journalId, versionId } from '../../src/model/ids.js'
import { objectKey, ROOT_FOLDER } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { collected, done, folder, inlineFile } from './samples.js'

/** What is kept beside the versions: journals, baselines, digests. */
export function accountsContract(at: IndexUnderTest): void {
  test('the journal tells each change once, from a position on', async () => {
    const start = at.index.versions.position(at.bucket)
    await at.write('a', inlineFile('1'))
    const middle = at.index.versions.position(at.bucket)
    await at.write('b', inlineFile('1'))
    await at.write('a', inlineFile('2'))
    const since = async (position: typeof start): Promise<string[] | undefined> => {
      const changes = at.index.versions.changes(at.bucket, position)
      return changes && (await collected(changes)).map(({ key }) => key)
    }
    expect(await since(start)).toEqual(['a', 'b', 'a'])
    expect(await since(middle)).toEqual(['b', 'a'])
    expect(await since(at.index.versions.position(at.bucket))).toEqual([])
    expect(await since({ ...start, journal: journalId('11'.repeat(16)) })).toBeUndefined()
    expect(await since({ ...start, epoch: start.epoch + 1 })).toBeUndefined()
    expect(await since({ ...start, sequence: 4 })).toBeUndefined()
  })

  test('a baseline keeps rows by name, in key order', async () => {
    await at.write('a', inlineFile('x'))
    const id = at.head('a')?.held?.id
    if (id === undefined) throw new Error('no head')
    const seen = { size: 1, mtimeNs: -1n, ctimeNs: 2n ** 60n, inode: 2n ** 63n, takenMs: START_MS }
    const row = (key: string) => ({ key: objectKey(key), id, seen })
    const baseline = at.index.versions.baseline(at.bucket, 'one')
    await baseline.put([row('b'), row('a'), row('c')], [])
    await baseline.put([], [objectKey('b')])
    expect(await collected(baseline.scan())).toEqual([row('a'), row('c')])
    expect(await collected(at.index.versions.baseline(at.bucket, 'two').scan())).toEqual([])
  })

  test('a baseline keeps which folders were mount points, beside its rows', async () => {
    const baseline = at.index.versions.baseline(at.bucket, 'one')
    await baseline.putMounts([objectKey('b/'), objectKey('a/c/'), ROOT_FOLDER], [])
    await baseline.putMounts([objectKey('a/')], [objectKey('b/')])
    expect(await baseline.mounts()).toEqual(['/', 'a/', 'a/c/'])
    expect(await collected(baseline.scan())).toEqual([])
    expect(await at.index.versions.baseline(at.bucket, 'two').mounts()).toEqual([])
  })

  test('a baseline keeps what was given, until a row of it is put or gone', async () => {
    const baseline = at.index.versions.baseline(at.bucket, 'one')
    const hash = '12'.repeat(32)
    const given = (key: string) => ({
      key: objectKey(key),
      id: versionId('ab'.repeat(32)),
      contentHash: contentHash(hash),
    })
    await baseline.putGiven([given('d'), given('b'), given('a'), given('c')], [])
    await baseline.putGiven([], [objectKey('d')])
    expect(await baseline.given()).toEqual([given('a'), given('b'), given('c')])
    const seen = { size: 1, mtimeNs: 1n, ctimeNs: 0n, inode: 1n, takenMs: START_MS }
    await baseline.put([{ key: objectKey('a'), id: given('a').id, seen }], [objectKey('c')])
    expect(await baseline.given()).toEqual([given('b')])
    expect((await collected(baseline.scan())).map(({ key }) => key)).toEqual(['a'])
    expect(await at.index.versions.baseline(at.bucket, 'two').given()).toEqual([])
    // A file that is as young as the look at it may change without showing it.
    const now = BigInt(START_MS) * 1_000_000n
    const young = { ...seen, mtimeNs: now, ctimeNs: now }
    await baseline.put([{ key: objectKey('b'), id: given('b').id, seen: young }], [])
    expect(await baseline.given()).toEqual([given('b')])
    await baseline.put([{ key: objectKey('b'), id: given('b').id, seen }], [])
    expect(await baseline.given()).toEqual([])
  })

  test('a baseline keeps what is past, until a row of it is put or gone', async () => {
    const baseline = at.index.versions.baseline(at.bucket, 'one')
    const seen = { size: 1, mtimeNs: 1n, ctimeNs: 0n, inode: 1n, takenMs: START_MS }
    const row = (key: string, size = 1) => ({
      key: objectKey(key),
      id: versionId('ab'.repeat(32)),
      seen: { ...seen, size },
    })
    await baseline.putPast([row('a'), row('b'), row('c')])
    await baseline.putPast([row('b', 2)])
    const keys = ['c', 'b', 'a', 'd'].map(objectKey)
    expect(await baseline.past(keys)).toEqual([row('c'), row('b', 2), row('a')])
    expect(await collected(baseline.scan())).toEqual([])
    await baseline.put([row('a')], [objectKey('c')])
    expect(await baseline.past(keys)).toEqual([row('b', 2)])
    expect(await at.index.versions.baseline(at.bucket, 'two').past(keys)).toEqual([])
  })

  test('digests are those of the live heads, whatever the way there', async () => {
    const empty = at.index.versions.digests(at.bucket)
    await at.publish([done('a', inlineFile('1')), done('b', inlineFile('2')), done('d/', folder())])
    const { content, full } = at.index.versions.digests(at.bucket)
    expect(content).not.toBe(empty.content)
    const other = (await at.index.names.create('Hawaii/Cola/bk2', {})).uid
    for (const [key, text] of [
      ['b', 'other'],
      ['gone', 'x'],
      ['a', '1'],
      ['b', '2'],
    ] as const) {
      await at.index.versions.publish(other, [done(key, inlineFile(text))], { overwrite: true })
    }
    await at.index.versions.publish(other, [done('gone', DELETION), done('d/', folder())], { overwrite: true })
    expect(at.index.versions.digests(other)).toEqual({ content, full })
    await at.index.versions.publish(other, [done('a', inlineFile('1', { mode: 1 }))], { overwrite: true })
    expect(at.index.versions.digests(other).content).toBe(content)
    expect(at.index.versions.digests(other).full).not.toBe(full)
    const here = at.index.versions.digestCells(at.bucket, 'full')
    const there = at.index.versions.digestCells(other, 'full')
    expect(here.filter((cell, i) => cell !== there[i]).length).toBe(1)
    await at.index.versions.publish(
      other,
      ['a', 'b', 'd/'].map((key) => done(key, DELETION)),
      { overwrite: true },
    )
    expect(at.index.versions.digests(other)).toEqual(empty)
  })
}
