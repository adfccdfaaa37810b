import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { DELETION, type Version } from '../../src/model/manifest.js'
import type { Settings } from '../../src/model/settings.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { done, fileOf, folder, inlineFile, leaf } from './samples.js'

/** Versions that are not kept, and what a bucket refuses. */
export function retentionContract(at: IndexUnderTest): void {
  const set = (settings: Settings) => at.index.names.set('Hawaii/Cola/bk1', () => settings)
  const sizes = (key = 'a'): number[] => at.index.versions.versions(at.bucket, objectKey(key)).map(({ size }) => size)
  const parentOf = ({ id, manifest: { stamp, vector } }: Version) => ({ id, stamp, vector })

  test.each([1, 2, 3])('of many versions the latest %i are kept', async (numberOfVersions) => {
    await set({ numberOfVersions })
    for (let size = 1; size <= 6; size++) {
      await at.write('a', inlineFile('x'.repeat(size)))
      expect(sizes()).toEqual([6, 5, 4, 3, 2, 1].slice(6 - size, 6 - size + numberOfVersions))
    }
    await at.write('a', DELETION)
    expect(sizes()).toEqual([0, 6, 5].slice(0, numberOfVersions))
    expect(at.index.versions.counters(at.bucket).versions).toBe(numberOfVersions)
  })

  test('ten are kept where nothing is set, and a tenant says it for its buckets', async () => {
    const write = async (): Promise<void> => {
      for (let size = 1; size <= 12; size++) await at.write('a', inlineFile('x'.repeat(size)))
    }
    await write()
    expect(sizes().length).toBe(10)
    await at.index.names.set('Hawaii/Cola', () => ({ numberOfVersions: 4 }))
    await write()
    expect(sizes()).toEqual([12, 11, 10, 9])
  })

  test('a tip is never pruned, and each tip keeps ancestors of its own', async () => {
    await set({ numberOfVersions: 2 })
    await at.write('a', inlineFile('1'))
    const first = at.elsewhere(inlineFile('f1'), [], START_MS - 3000)
    const second = at.elsewhere(inlineFile('f22'), [parentOf(first)], START_MS - 2000)
    const third = at.elsewhere(inlineFile('f333'), [parentOf(second)], START_MS - 1000)
    for (const version of [first, second, third]) await at.write('a', version, false)
    expect(at.head('a')?.held?.tips).toBe(2)
    expect(sizes()).toEqual([1, 4, 3])
    at.clock.ms += 1000
    await at.write('a', inlineFile('55555'))
    await at.write('a', inlineFile('666666'))
    expect(sizes()).toEqual([6, 5, 4, 3])
    expect(at.head('a')?.held?.tips).toBe(2)
  })

  test('what is pruned is no change any more, and older positions still tell the rest', async () => {
    const start = at.index.versions.position(at.bucket)
    await set({ numberOfVersions: 1 })
    for (const text of ['1', '22', '333']) await at.write('a', inlineFile(text))
    const sequences: number[] = []
    for await (const page of at.index.versions.changes(at.bucket, start) ?? []) {
      sequences.push(...page.map(({ sequence }) => sequence))
    }
    expect(sequences).toEqual([start.sequence + 3])
  })

  test('expunge leaves nothing of a key, and its next version is a first one', async () => {
    const empty = at.index.versions.digests(at.bucket)
    await at.write('b', inlineFile('b'))
    const one = at.index.versions.digests(at.bucket)
    for (const text of ['1', '22']) await at.write('a', inlineFile(text))
    await at.write('a', DELETION)
    await at.write('c', inlineFile('c'))
    const keys = ['a', 'c', 'nothing'].map(objectKey)
    expect(await at.index.versions.expunge(at.bucket, keys)).toBe(4)
    expect(at.head('a')).toBeUndefined()
    expect(sizes()).toEqual([])
    expect(await at.keys({ deleted: true })).toEqual(['b'])
    expect(at.index.versions.digests(at.bucket)).toEqual(one)
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 1, versions: 1, deleted: 0, conflicts: 0 })
    await at.index.versions.expunge(at.bucket, [objectKey('b')])
    expect(at.index.versions.digests(at.bucket)).toEqual(empty)
    expect((await at.write('a', inlineFile('again'))).status).toBe('published')
    const ref = at.head('a')
    if (ref === undefined) throw new Error('no head')
    const [version] = await at.index.versions.manifests(at.bucket, [ref])
    expect(version?.manifest.parents).toEqual([])
  })

  test('expunge takes exactly the keys that it is given, and what is deleted too', async () => {
    for (const key of ['a', 'a/b', 'ab', 'b']) await at.write(key, inlineFile(key))
    await at.write('a', DELETION)
    expect(await at.index.versions.expunge(at.bucket, [objectKey('a')])).toBe(2)
    expect(await at.index.versions.expunge(at.bucket, [objectKey('a')])).toBe(0)
    expect(await at.keys({ deleted: true })).toEqual(['a/b', 'ab', 'b'])
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 3, versions: 3, deleted: 0 })
  })

  test('many that publish at once never exceed a quota together', async () => {
    await set({ quotaCount: 5 })
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => at.write(`k${i}`, inlineFile('x'))))
    expect(results.filter(({ status }) => status === 'published').length).toBe(5)
    expect(results.filter(({ status }) => status === 'parked').length).toBe(15)
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 5, versions: 5 })
  })

  test('a bucket takes objects up to its quota, in words beyond it; what needs no more still goes', async () => {
    await set({ quotaCount: 2 })
    const full = { status: 'parked', why: expect.stringMatching(/ has used up its quota of 2 objects$/) }
    const results = await at.publish(['a', 'b', 'c'].map((key) => done(key, inlineFile(key))))
    expect(results.map(({ status }) => status)).toEqual(['published', 'published', 'parked'])
    expect(results[2]).toEqual(full)
    expect((await at.write('d/', folder())).status).toBe('published')
    expect((await at.write('a', inlineFile('aaaa'))).status).toBe('published')
    expect(await at.write('d', inlineFile('d'))).toEqual(full)
    expect((await at.write('a', DELETION)).status).toBe('published')
    expect((await at.write('d', inlineFile('d'))).status).toBe('published')
    expect(await at.keys()).toEqual(['b', 'd', 'd/'])
  })

  test('a quota of bytes counts the live heads', async () => {
    await set({ quota: 20 })
    expect((await at.write('a', inlineFile('x'.repeat(12)))).status).toBe('published')
    expect((await at.write('a', inlineFile('y'.repeat(12)))).status).toBe('published')
    const full = { status: 'parked', why: expect.stringMatching(/ has used up its quota of 20$/) }
    const chunk = leaf('z'.repeat(12))
    await at.index.chunks.put([chunk])
    expect(await at.write('b', fileOf(chunk))).toEqual(full)
    expect((await at.write('a', inlineFile('small'))).status).toBe('published')
    expect((await at.write('b', fileOf(chunk))).status).toBe('published')
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 2, bytes: 17 })
    await set({ quota: 5 })
    expect((await at.write('a', inlineFile('less'))).status).toBe('published')
    expect(await at.write('a', inlineFile('more.'))).toMatchObject({ status: 'parked' })
  })

  test('what moved on since it was seen is superseded where that is asked', async () => {
    await at.write('a', inlineFile('1'))
    const seen = at.head('a')
    if (seen === undefined) throw new Error('no head')
    await at.write('a', inlineFile('22'))
    const stale = { ...done('a', DELETION), there: seen }
    const as = { overwrite: true, ifUnchanged: true }
    expect(await at.index.versions.publish(at.bucket, [stale], as)).toEqual([{ status: 'superseded' }])
    const now = at.head('a')
    if (now === undefined) throw new Error('no head')
    const [result] = await at.index.versions.publish(at.bucket, [{ ...stale, there: now }], as)
    expect(result?.status).toBe('published')
  })
}
