import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { collected, done, folder, inlineFile } from './samples.js'

/** Listings. */
export function listingsContract(at: IndexUnderTest): void {
  test('listings are in the order of UTF-8 bytes, in pages, after a key, under a prefix', async () => {
    const all = ['\u{1F600}', '\uFF5E', 'a', 'a/b', 'a0', 'ab', 'b/', 'b/c', 'ä']
    const many = Array.from({ length: 2500 }, (_, i) => `m/${String(i).padStart(5, '0')}`)
    await at.publish([...all, ...many].map((key) => done(key, key.endsWith('/') ? folder() : inlineFile(key))))
    const sorted = [...all, ...many].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
    expect(await at.keys()).toEqual(sorted)
    expect(await at.keys({ after: objectKey('a0') })).toEqual(sorted.slice(sorted.indexOf('a0') + 1))
    expect(await at.keys({ prefix: 'a' })).toEqual(['a', 'a/b', 'a0', 'ab'])
    expect(await at.keys({ prefix: 'a', after: objectKey('a/b') })).toEqual(['a0', 'ab'])
    expect(await at.keys({ prefix: 'm/', after: objectKey('m/02497') })).toEqual(['m/02498', 'm/02499'])
    expect(await at.keys({ prefix: 'zz' })).toEqual([])
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 2508, folders: 1 })
  })

  test('a listing goes on over what is written meanwhile', async () => {
    await at.publish(Array.from({ length: 1500 }, (_, i) => done(`k${String(i).padStart(5, '0')}`, inlineFile('x'))))
    const seen: string[] = []
    for await (const page of at.index.versions.list(at.bucket, {})) {
      seen.push(...page.map(({ key }) => key))
      await at.write('k99999', inlineFile(`${seen.length}`))
    }
    expect(seen.length).toBe(1501)
    expect(new Set(seen).size).toBe(1501)
  })

  test('a listing of a time past shows the heads of then', async () => {
    await at.write('a', inlineFile('1'))
    at.clock.ms += 1000
    await at.write('a', inlineFile('22'))
    await at.write('b', inlineFile('b'))
    at.clock.ms += 1000
    await at.write('a', DELETION)
    const sizes = async (atMs: number): Promise<string[]> =>
      (await collected(at.index.versions.list(at.bucket, { atMs }))).map(({ key, size }) => `${key}${size}`)
    expect(await sizes(START_MS - 1)).toEqual([])
    expect(await sizes(START_MS)).toEqual(['a1'])
    expect(await sizes(START_MS + 1500)).toEqual(['a2', 'b1'])
    expect(await sizes(START_MS + 2000)).toEqual(['b1'])
    expect(await at.keys({ atMs: START_MS + 2000, deleted: true })).toEqual(['a', 'b'])
  })
}
