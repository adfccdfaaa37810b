import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { inlineFile } from './samples.js'

/** Versions of elsewhere, and keys with more than one tip. */
export function tipsContract(at: IndexUnderTest): void {
  test('a version that comes from elsewhere keeps its id', async () => {
    const version = at.elsewhere(inlineFile('far'), [], START_MS)
    expect(await at.write('a', version, false)).toEqual({ status: 'published', id: version.id })
    expect(await at.write('a', version, false)).toEqual({ status: 'known', id: version.id })
    expect(at.head('a')?.held?.id).toBe(version.id)
    const parent = { id: version.id, stamp: version.manifest.stamp, vector: version.manifest.vector }
    const next = at.elsewhere(inlineFile('far 2'), [parent], START_MS + 1)
    expect(await at.write('a', next, false)).toEqual({ status: 'published', id: next.id })
    expect(at.head('a')?.held).toMatchObject({ id: next.id, tips: 1 })
    expect(await at.write('a', version, false)).toEqual({ status: 'known', id: version.id })
  })

  test('an ancestor of the head is superseded', async () => {
    const old = at.elsewhere(inlineFile('old'), [], START_MS)
    const parent = { id: old.id, stamp: old.manifest.stamp, vector: old.manifest.vector }
    await at.write('a', at.elsewhere(inlineFile('new'), [parent], START_MS + 1), false)
    expect(await at.write('a', old, false)).toEqual({ status: 'superseded' })
  })

  test('two versions that do not descend from each other are two tips; the later stamp is the head', async () => {
    await at.write('a', inlineFile('here'))
    const here = at.head('a')
    const older = at.elsewhere(inlineFile('there'), [], START_MS - 1000)
    expect((await at.write('a', older, false)).status).toBe('published')
    expect(at.head('a')?.held).toMatchObject({ id: here?.held?.id, tips: 2 })
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 1, conflicts: 1, versions: 2 })
    const later = at.elsewhere(inlineFile('later'), [], START_MS + 1000)
    await at.write('a', later, false)
    expect(at.head('a')?.held).toMatchObject({ id: later.id, tips: 2 })
  })

  test('a version that descends from both tips ends the conflict', async () => {
    await at.write('a', inlineFile('here'))
    const there = at.elsewhere(inlineFile('there'), [], START_MS + 5)
    await at.write('a', there, false)
    const refs = at.index.versions.versions(at.bucket, objectKey('a'))
    const tips = await at.index.versions.manifests(at.bucket, refs)
    const parents = tips.map(({ id, manifest: { stamp, vector } }) => ({ id, stamp, vector }))
    const both = at.elsewhere(inlineFile('both'), parents, START_MS + 9)
    expect((await at.write('a', both, false)).status).toBe('published')
    expect(at.head('a')?.held).toMatchObject({ id: both.id, tips: 1 })
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ conflicts: 0, versions: 3 })
  })

  test('with overwrite a stranger is written anew on top of the head, later than both', async () => {
    await at.write('a', inlineFile('here'))
    const here = at.head('a')
    const stranger = at.elsewhere(inlineFile('there'), [], START_MS + 60_000)
    const result = await at.write('a', stranger, true)
    expect(result.status).toBe('published')
    const now = at.head('a')
    if (now?.held === undefined) throw new Error('no head')
    expect(now.held.id).not.toBe(stranger.id)
    expect(now.held.stamp.time).toBeGreaterThan(stranger.manifest.stamp.time)
    expect(now.held).toMatchObject({ tips: 1, contentHash: stranger.manifest.contentHash })
    const [version] = await at.index.versions.manifests(at.bucket, [now])
    expect(version?.manifest.parents).toEqual([here?.held?.id])
  })
}
