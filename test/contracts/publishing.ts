import { expect, test } from 'vitest'
import { bucketUid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { done, fileOf, inlineFile, leaf, tree, treeFile } from './samples.js'

/** Publishing, one writer. */
export function publishingContract(at: IndexUnderTest): void {
  test('content becomes a version that the head and the manifest tell', async () => {
    const chunk = leaf('some content')
    await at.index.chunks.put([chunk])
    const result = await at.write('a', fileOf(chunk, { mode: 0o600, mtimeNs: -5n }))
    expect(result.status).toBe('published')
    const ref = at.head('a')
    expect(ref).toMatchObject({ key: 'a', kind: 'file', size: 12, mode: 0o600, mtimeNs: -5n })
    expect(ref?.held).toMatchObject({ stamp: { time: START_MS * 1000, segment: at.index.guid }, tips: 1 })
    expect(ref?.held?.root).toEqual({ ref: chunk.ref, depth: 0 })
    if (ref === undefined) throw new Error('no head')
    const [version] = await at.index.versions.manifests(at.bucket, [ref])
    expect(version?.id).toBe(ref.held?.id)
    expect(version?.manifest).toMatchObject({ size: 12, vector: { [at.index.guid]: START_MS * 1000 }, parents: [] })
  })

  test('the same content again is known, with other attributes or user keys it is not', async () => {
    const first = await at.write('a', inlineFile('x'))
    expect(await at.write('a', inlineFile('x'))).toEqual({ ...first, status: 'known' })
    expect((await at.write('a', inlineFile('x', { mode: 0o600 }))).status).toBe('published')
    expect((await at.write('a', inlineFile('x', { mode: 0o600, user: { 'X-A': '1' } }))).status).toBe('published')
    expect((await at.write('a', inlineFile('x', { mode: 0o600, user: { 'X-A': '1' } }))).status).toBe('known')
    expect((await at.write('a', inlineFile('x', { mode: 0o600, user: { 'X-A': '2' } }))).status).toBe('published')
    // Who does not tell of them leaves them as they are.
    expect((await at.write('a', inlineFile('x', { mode: 0o600 }))).status).toBe('known')
    expect((await at.write('a', inlineFile('x', { mode: 0o600, user: {} }))).status).toBe('published')
    expect(at.index.versions.versions(at.bucket, objectKey('a')).length).toBe(5)
  })

  test('a version descends from the head, and its stamp is later though the clock steps back', async () => {
    await at.write('a', inlineFile('1'))
    const before = at.head('a')
    at.clock.ms -= 60_000
    await at.write('a', inlineFile('2'))
    const after = at.head('a')
    if (before?.held === undefined || after?.held === undefined) throw new Error('no head')
    expect(after.held.stamp.time).toBe(before.held.stamp.time + 1)
    const [version] = await at.index.versions.manifests(at.bucket, [after])
    expect(version?.manifest.parents).toEqual([before.held.id])
    expect(at.index.versions.versions(at.bucket, objectKey('a')).map(({ held }) => held?.id)).toEqual([
      after.held.id,
      before.held.id,
    ])
  })

  test('a delete is a version; of what is not there it is known', async () => {
    expect(await at.write('a', DELETION)).toEqual({ status: 'known' })
    await at.write('a', inlineFile('x'))
    expect((await at.write('a', DELETION)).status).toBe('published')
    expect((await at.write('a', DELETION)).status).toBe('known')
    expect(await at.keys()).toEqual([])
    expect(await at.keys({ deleted: true })).toEqual(['a'])
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 0, bytes: 0, versions: 2, deleted: 1 })
  })

  test('what lacks its chunks needs them, and is published once they are here', async () => {
    const chunk = leaf('to come')
    expect(await at.write('a', fileOf(chunk))).toEqual({ status: 'needs', refs: [chunk.ref] })
    expect(at.head('a')).toBeUndefined()
    await at.index.chunks.put([chunk])
    expect((await at.write('a', fileOf(chunk))).status).toBe('published')
  })

  test('a tree is whole only when everything under it is here', async () => {
    const texts = ['left', 'middle', 'right']
    const { node, leaves } = tree(texts)
    const [left, middle, right] = leaves
    if (left === undefined || middle === undefined || right === undefined) throw new Error('no leaves')
    expect(await at.write('t', treeFile(texts))).toEqual({ status: 'needs', refs: [node.ref] })
    await at.index.chunks.put([left, node])
    expect(await at.write('t', treeFile(texts))).toEqual({ status: 'needs', refs: [middle.ref, right.ref] })
    expect(at.index.chunks.missing([node.ref])).toEqual([node.ref])
    await at.index.chunks.put([middle, right])
    expect((await at.write('t', treeFile(texts))).status).toBe('published')
    expect(at.index.chunks.missing([node.ref])).toEqual([])
  })

  test('one call can publish all outcomes, in order, and one key twice', async () => {
    await at.write('known', inlineFile('k'))
    const absent = leaf('absent')
    const results = await at.publish([
      done('known', inlineFile('k')),
      done('new', inlineFile('n')),
      done('needs', fileOf(absent)),
      done('twice', inlineFile('1')),
      done('twice', inlineFile('2')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['known', 'published', 'needs', 'published', 'published'])
    expect(at.index.versions.versions(at.bucket, objectKey('twice')).length).toBe(2)
  })

  test('many callers at once are all answered', async () => {
    const writers = Array.from({ length: 50 }, (_, i) => at.write(`k${i % 7}`, inlineFile(`${i}`)))
    expect((await Promise.all(writers)).every(({ status }) => status === 'published')).toBe(true)
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 7, versions: 50 })
    for (const key of await at.keys()) expect(at.head(key)?.held?.tips).toBe(1)
  })

  test('a bucket that is not there is NOT_FOUND to publish, and empty to read', async () => {
    const nowhere = bucketUid('33'.repeat(16))
    await expect(
      at.index.versions.publish(nowhere, [done('a', inlineFile('x'))], { overwrite: true }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(at.index.versions.head(nowhere, objectKey('a'))).toBeUndefined()
    expect(at.index.versions.counters(nowhere).objects).toBe(0)
  })

  test('a version that is gone is NOT_FOUND', async () => {
    await at.write('a', inlineFile('x'))
    const ref = at.head('a')
    if (ref === undefined) throw new Error('no head')
    await expect(at.index.versions.manifests(at.bucket, [{ ...ref, key: objectKey('b') }])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
}
