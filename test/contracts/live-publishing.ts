import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { encodeManifest } from '../../src/format/manifest.js'
import type { Done, PublishResult } from '../../src/model/endpoint.js'
import { journalId, segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { Checkpoint, CheckpointMove } from '../../src/model/live.js'
import { type Content, mint, type Version } from '../../src/model/manifest.js'
import type { PublishAs } from '../../src/model/segment.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { collected, done, fileOf, inlineFile, leaf } from './samples.js'

const PEER = segmentGuid('ab'.repeat(16))

/** Versions that peers bring, how far they came, and what is to be tried again. */
export function livePublishingContract(at: IndexUnderTest): void {
  const position = (sequence: number) => ({ journal: journalId('22'.repeat(16)), epoch: 3, sequence })
  const take = (items: readonly Done[], as: Partial<PublishAs> = {}): Promise<PublishResult[]> =>
    at.index.versions.publish(at.bucket, items, { overwrite: false, keepOlder: true, by: PEER, ...as })
  const moveTo = (to: Checkpoint, from?: Checkpoint, more: Partial<CheckpointMove> = {}): { move: CheckpointMove } => ({
    move: { name: 'peer', from, to, parked: [], ...more },
  })
  const parentOf = ({ id, manifest: { stamp, vector } }: Version) => ({ id, stamp, vector })
  /** Each descends from the one before. */
  const line = (count: number, from = START_MS): Version[] => {
    const versions: Version[] = []
    for (let i = 0; i < count; i++) {
      const parents = versions.slice(-1).map(parentOf)
      versions.push(at.elsewhere(inlineFile(`v${i}`), parents, from + i))
    }
    return versions
  }
  const ids = (key: string): (string | undefined)[] =>
    at.index.versions.versions(at.bucket, objectKey(key)).map(({ held }) => held?.id)
  const checkpoint = () => at.index.versions.checkpoint(at.bucket, 'peer')
  const retries = () => at.index.versions.retries(at.bucket, 'peer')

  test('a change tells its version, and the peer that brought it', async () => {
    const start = at.index.versions.position(at.bucket)
    const far = at.elsewhere(inlineFile('far'), [], START_MS)
    await take([done('a', far)])
    await at.write('b', inlineFile('here'))
    // Who brings it again has not brought it.
    await at.index.versions.publish(at.bucket, [done('a', far)], { overwrite: false })
    const pages = at.index.versions.changes(at.bucket, start)
    const changes = pages && (await collected(pages))
    expect(changes?.map(({ key, id, by }) => ({ key, id, by }))).toEqual([
      { key: 'a', id: far.id, by: PEER },
      { key: 'b', id: at.head('b')?.held?.id, by: undefined },
    ])
  })

  test('what the head descends from is kept as an older version, in any order', async () => {
    const versions = line(4)
    for (const i of [2, 0, 3, 1]) {
      const version = versions[i]
      if (version === undefined) throw new Error('no version')
      expect(await take([done('a', version)])).toEqual([{ status: 'published', id: version.id }])
    }
    expect(ids('a')).toEqual(versions.map(({ id }) => id).reverse())
    expect(at.head('a')?.held).toMatchObject({ id: versions[3]?.id, tips: 1 })
    expect(at.index.versions.counters(at.bucket)).toMatchObject({ objects: 1, versions: 4, conflicts: 0 })
    expect(at.index.versions.tips(at.bucket, objectKey('a')).map(({ held }) => held?.id)).toEqual([versions[3]?.id])
  })

  test.each([1, 2, 3])(
    'an older version is superseded where %i are kept, or takes the place of an earlier one',
    async (keep) => {
      await at.index.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: keep }))
      const versions = line(5)
      const items = [4, 1, 0, 3, 2].map((i) => done('a', versions[i] ?? { ...inlineFile('') }))
      const results = await take(items)
      expect(ids('a')).toEqual(
        versions
          .slice(5 - keep)
          .map(({ id }) => id)
          .reverse(),
      )
      expect(results[0]?.status).toBe('published')
      expect(results[2]?.status).toBe(keep === 3 ? 'published' : 'superseded')
      expect(at.index.versions.counters(at.bucket).versions).toBe(keep)
    },
  )

  test('the same older version from many at once is one version', async () => {
    const versions = line(2)
    const [older, newer] = versions
    if (older === undefined || newer === undefined) throw new Error('two versions')
    await take([done('a', newer)])
    const results = await Promise.all(Array.from({ length: 5 }, () => take([done('a', older)])))
    expect(results.flat().filter(({ status }) => status === 'published').length).toBe(1)
    expect(at.index.versions.counters(at.bucket).versions).toBe(2)
  })

  test('two that descend from neither are both tips, and both are told', async () => {
    await at.write('a', inlineFile('here'))
    const there = at.elsewhere(inlineFile('there'), [], START_MS - 1)
    await take([done('a', there)])
    const tips = at.index.versions.tips(at.bucket, objectKey('a'))
    expect(tips.map(({ held }) => held?.id)).toEqual([at.head('a')?.held?.id, there.id])
    expect(at.index.versions.tips(at.bucket, objectKey('b'))).toEqual([])
    for (const tip of tips) expect(at.index.versions.holds(at.bucket, tip)).toBe(true)
    const [head] = tips
    if (head === undefined) throw new Error('no head')
    expect(at.index.versions.holds(at.bucket, { ...head, key: objectKey('b') })).toBe(false)
  })

  test('a checkpoint is saved with what is taken, but not past what lacks chunks', async () => {
    const to = { position: position(9) }
    await take([done('a', fileOf(leaf('absent')))], moveTo(to))
    expect(checkpoint()).toBeUndefined()
    await take([done('a', inlineFile('x'))], moveTo(to))
    expect(checkpoint()).toEqual(to)
    expect(at.index.versions.checkpoint(at.bucket, 'other')).toBeUndefined()
    const later = { position: position(10) }
    await take([], moveTo(later, to))
    expect(checkpoint()).toEqual(later)
  })

  test('a checkpoint moves only from what stands there, a full pass and its last key included', async () => {
    const begun = { position: position(9), pass: '' }
    const halfway = { position: position(9), pass: 'é/b' }
    await take([], moveTo(begun, halfway))
    expect(checkpoint()).toBeUndefined()
    await take([], moveTo(begun))
    expect(checkpoint()).toEqual(begun)
    await take([], moveTo(halfway, { position: position(9) }))
    await take([], moveTo(halfway))
    expect(checkpoint()).toEqual(begun)
    await take([], moveTo(halfway, begun))
    expect(checkpoint()).toEqual(halfway)
    await take([], moveTo({ position: position(9) }, halfway))
    expect(checkpoint()).toEqual({ position: position(9) })
  })

  test('what is parked is listed in key order, waits longer each time, and is off the list once it is there', async () => {
    await at.index.names.set('Hawaii/Cola/bk1', () => ({ quotaCount: 0 }))
    const at9 = { position: position(9) }
    const why = expect.stringMatching(/ has used up its quota of 0 objects$/)
    const one: Content = inlineFile('x')
    await take([done('b', one)], moveTo(at9, undefined, { parked: [{ key: objectKey('a'), why: 'lost' }] }))
    const first = { tries: 1, firstMs: START_MS, nextMs: START_MS + LIMITS.retryDelayMsMin }
    expect(retries()).toEqual([
      { key: 'a', why: 'lost', ...first },
      { key: 'b', why, ...first },
    ])
    expect(at.index.versions.retries(at.bucket, 'peer', objectKey('a')).map(({ key }) => key)).toEqual(['b'])
    expect(at.index.versions.retries(at.bucket, 'other')).toEqual([])
    expect(checkpoint()).toEqual(at9)
    at.clock.ms += 5000
    await take([done('b', one)], moveTo(at9, at9))
    const again = { tries: 2, firstMs: START_MS, nextMs: START_MS + 5000 + 2 * LIMITS.retryDelayMsMin }
    expect(retries()[1]).toEqual({ key: 'b', why, ...again })
    await at.index.names.set('Hawaii/Cola/bk1', () => ({}))
    await take([done('b', one)], moveTo(at9, at9, { gone: [objectKey('a')] }))
    expect(retries()).toEqual([])
  })

  test('of several versions of a key that wait, one that comes leaves those on the list from which it does not descend', async () => {
    const set = (quotaCount: number | undefined) =>
      at.index.names.set('Hawaii/Cola/bk1', () => (quotaCount === undefined ? {} : { quotaCount }))
    const [first, second] = line(2)
    if (first === undefined || second === undefined) throw new Error('two versions')
    const manifest = mint(inlineFile('other'), [], segmentGuid('cd'.repeat(16)), START_MS + 9)
    const other = { id: encodeManifest(manifest).id, manifest }
    const at9 = { position: position(9) }
    await set(0)
    await take([done('a', first), done('a', other)], moveTo(at9))
    expect(retries()).toMatchObject([{ key: 'a', tries: 1 }])
    await set(undefined)
    await take([done('a', second)], moveTo(at9, at9))
    expect(retries()).toMatchObject([{ key: 'a', tries: 1 }])
    await take([done('a', other)], moveTo(at9, at9))
    expect(retries()).toEqual([])
    // What the source could not give is told by its stamp.
    const parked = [{ key: objectKey('b'), why: 'lost', stamp: first.manifest.stamp }]
    await take([], moveTo(at9, at9, { parked }))
    await take([done('b', other)], moveTo(at9, at9))
    expect(retries()).toMatchObject([{ key: 'b' }])
    await take([done('b', second)], moveTo(at9, at9))
    expect(retries()).toEqual([])
  })

  test('what takes the place of one that is not kept counts one try', async () => {
    await at.index.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 1 }))
    const [older, newer] = line(2)
    if (older === undefined || newer === undefined) throw new Error('two versions')
    await take([done('a', older)])
    const move = moveTo({ position: position(9) }, undefined, { parked: [{ key: objectKey('b'), why: 'lost' }] })
    await take([done('a', newer)], move)
    expect(ids('a')).toEqual([newer.id])
    expect(retries()).toMatchObject([{ key: 'b', tries: 1 }])
  })

  test('a retry is never put off for longer than the limit', async () => {
    const at9 = { position: position(9) }
    await take([], moveTo(at9))
    const parked = [{ key: objectKey('a'), why: 'lost' }]
    for (let i = 0; i < 20; i++) await take([], moveTo(at9, at9, { parked }))
    expect(retries()).toMatchObject([{ tries: 20, nextMs: START_MS + LIMITS.retryDelayMsMax }])
  })

  test('what is parked is listed though something beside it needs chunks', async () => {
    const move = moveTo({ position: position(9) }, undefined, { parked: [{ key: objectKey('a'), why: 'lost' }] })
    await take([done('b', fileOf(leaf('absent')))], move)
    expect(checkpoint()).toBeUndefined()
    expect(retries().map(({ key }) => key)).toEqual(['a'])
  })
}
