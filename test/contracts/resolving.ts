import { expect, test } from 'vitest'
import type { PublishResult } from '../../src/model/endpoint.js'
import type { VersionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, DELETION, type Version } from '../../src/model/manifest.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { done, inlineFile } from './samples.js'

/** Tips are told, and content that descends from all of them ends a conflict. */
export function resolvingContract(at: IndexUnderTest): void {
  const key = objectKey('a')
  const tips = () => at.index.versions.tips(at.bucket, key)
  const ids = (): VersionId[] => tips().flatMap(({ held }) => held?.id ?? [])

  /** The key `a` with a version of here, over an older one, and one of elsewhere. */
  async function conflict(thereMs = START_MS + 1000): Promise<Version> {
    await at.write('a', inlineFile('before'))
    await at.write('a', inlineFile('here'))
    const there = at.elsewhere(inlineFile('there'), [], thereMs)
    await at.write('a', there, false)
    return there
  }

  async function resolve(content: Content, seen: readonly VersionId[]): Promise<PublishResult | undefined> {
    const as = { overwrite: true, resolves: new Map([[key, seen]]) }
    return (await at.index.versions.publish(at.bucket, [done('a', content)], as))[0]
  }

  test('tips are the versions that no other one descends from, latest first', async () => {
    expect(tips()).toEqual([])
    await at.write('a', inlineFile('before'))
    await at.write('a', inlineFile('here'))
    expect(tips()).toEqual([at.head('a')])
    const older = at.elsewhere(inlineFile('older'), [], START_MS - 1000)
    await at.write('a', older, false)
    expect(ids()).toEqual([at.head('a')?.held?.id, older.id])
    expect(tips()[0]?.held?.tips).toBe(2)
    expect(at.index.versions.versions(at.bucket, key)).toHaveLength(3)
  })

  test.each([
    ['what the head has', inlineFile('there')],
    ['what the other tip has', inlineFile('here')],
    ['a delete', DELETION],
  ])('%s becomes a version that descends from all tips', async (_, content) => {
    const there = await conflict()
    const seen = ids()
    expect(seen).toEqual([there.id, expect.any(String)])
    const result = await resolve(content, seen)
    expect(result).toEqual({ status: 'published', id: expect.any(String) })
    const head = at.head('a')
    expect(head).toMatchObject({ kind: content.kind, size: content.size, held: { tips: 1 } })
    expect(tips()).toEqual([head])
    const [version] = await at.index.versions.manifests(at.bucket, head === undefined ? [] : [head])
    expect(version?.manifest.parents).toEqual(seen)
    expect(version?.manifest.stamp.time).toBeGreaterThan(there.manifest.stamp.time)
    expect(at.index.versions.counters(at.bucket).conflicts).toBe(0)
  })

  test('a delete ends a conflict whose head is one', async () => {
    await at.write('a', inlineFile('here'))
    await at.write('a', at.elsewhere(DELETION, [], START_MS + 1000), false)
    expect((await resolve(DELETION, ids()))?.status).toBe('published')
    expect(at.head('a')).toMatchObject({ kind: 'deleted', held: { tips: 1 } })
  })

  test('where the tips are others by now nothing is made, and nothing is lost', async () => {
    await conflict()
    const seen = ids()
    const third = at.elsewhere(inlineFile('third'), [], START_MS + 2000)
    for (const stale of [seen.slice(0, 1), [...seen, third.id], [seen[0], third.id] as VersionId[]])
      expect(await resolve(inlineFile('here'), stale)).toEqual({ status: 'superseded' })
    expect(ids()).toEqual(seen)
    await at.write('a', inlineFile('on top'))
    expect(await resolve(inlineFile('here'), seen)).toEqual({ status: 'superseded' })
    expect(at.head('a')?.size).toBe('on top'.length)
  })

  test('of many keys only those that are named descend from all tips', async () => {
    await conflict()
    await at.write('b', inlineFile('b'))
    const resolves = new Map([[key, ids()]])
    const items = [done('a', inlineFile('both')), done('b', inlineFile('b'))]
    const results = await at.index.versions.publish(at.bucket, items, { overwrite: true, resolves })
    expect(results.map(({ status }) => status)).toEqual(['published', 'known'])
  })
}
