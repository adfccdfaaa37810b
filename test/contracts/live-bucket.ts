import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeManifest } from '../../src/format/manifest.js'
import { journalId, segmentGuid } from '../../src/model/ids.js'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import type { LiveBucket } from '../../src/model/live.js'
import { type Content, mint, type Parent, type Version } from '../../src/model/manifest.js'
import type { Settings } from '../../src/model/settings.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { done, inlineFile } from './samples.js'

export interface OpenLive {
  readonly live: LiveBucket
  /** Of the bucket, behind it. */
  set(settings: Settings): Promise<void>
  close(): Promise<void>
}

const PEER = segmentGuid('ab'.repeat(16))
const OTHER = segmentGuid('cd'.repeat(16))
const START_MS = 1_700_000_000_000

/** What every LiveBucket does, wherever it is. */
export function liveBucketContract(name: string, open: () => Promise<OpenLive>): void {
  let opened: OpenLive
  beforeEach(async () => {
    opened = await open()
  })
  afterEach(() => opened.close())

  const live = (): LiveBucket => opened.live
  let minted = 0
  const made = (content: Content, parents: readonly Parent[] = []): Version => {
    const manifest = mint(content, parents, OTHER, START_MS + minted++)
    return { id: encodeManifest(manifest).id, manifest }
  }
  const take = (key: string, version: Version, by = PEER) => live().sink.take([done(key, version)], { by })
  const keysOf = (refs: readonly VersionRef[] | undefined): ObjectKey[] | undefined => refs?.map(({ key }) => key)
  const parentOf = ({ id, manifest: { stamp, vector } }: Version): Parent => ({ id, stamp, vector })

  describe(`${name}, live`, () => {
    test('changes are told once, oldest first, from a position on, to all but who brought them', async () => {
      const { source } = live()
      const start = await source.position()
      await take('a', made(inlineFile('1')))
      await take('b', made(inlineFile('2')), OTHER)
      await take('c', made(inlineFile('3')))
      const page = await source.changes(start, { without: OTHER })
      expect(keysOf(page?.refs)).toEqual(['a', 'c'])
      expect(page?.more).toBe(false)
      const echo = await source.changes(start, { without: PEER })
      expect(keysOf(echo?.refs)).toEqual(['b'])
      expect(echo?.upTo).toEqual(await source.position())
      const after = await source.changes(await source.position(), { without: OTHER })
      expect(after).toMatchObject({ refs: [], more: false })
    })

    test('pages end, and those before the last say that there is more', async () => {
      const { source, sink } = live()
      let at = await source.position()
      const names = Array.from({ length: 300 }, (_, i) => `k${i}`)
      await sink.take(
        names.map((key) => done(key, made(inlineFile(key)))),
        { by: PEER },
      )
      const seen: string[] = []
      for (let more = true; more; ) {
        const page = await source.changes(at, { without: OTHER })
        if (page === undefined) throw new Error('the position means something')
        seen.push(...page.refs.map(({ key }) => key))
        at = page.upTo
        more = page.more
      }
      expect(seen).toEqual(names)
    })

    test('a position of another journal, or ahead of it, means nothing', async () => {
      const { source } = live()
      const at = await source.position()
      const strange = [
        { ...at, journal: journalId('11'.repeat(16)) },
        { ...at, sequence: at.sequence + 1 },
      ]
      for (const position of strange) expect(await source.changes(position, { without: OTHER })).toBeUndefined()
    })

    test('a version that is not kept any more is no change', async () => {
      await opened.set({ numberOfVersions: 1 })
      const { source } = live()
      const start = await source.position()
      const first = made(inlineFile('1'))
      await take('a', first)
      const second = made(inlineFile('2'), [parentOf(first)])
      await take('a', second)
      const page = await source.changes(start, { without: OTHER })
      expect(page?.refs.map(({ held }) => held?.id)).toEqual([second.id])
    })

    test('older versions and all tips are told, and fetched by what tells them', async () => {
      const { source } = live()
      const start = await source.position()
      const first = made(inlineFile('1'))
      const second = made(inlineFile('2'), [parentOf(first)])
      const stranger = (() => {
        const manifest = mint(inlineFile('3'), [], PEER, START_MS)
        return { id: encodeManifest(manifest).id, manifest }
      })()
      for (const version of [first, second, stranger]) await take('a', version)
      const page = await source.changes(start, { without: OTHER })
      expect(page?.refs.map(({ held }) => held?.id)).toEqual([first.id, second.id, stranger.id])
      expect((await source.versions(page?.refs ?? [])).map(({ id }) => id)).toEqual([first.id, second.id, stranger.id])
      const tips = await source.tips([objectKey('a'), objectKey('nothing')])
      expect(tips.map(({ held }) => held?.id)).toEqual([second.id, stranger.id])
      expect(tips[0]?.held?.tips).toBe(2)
    })

    test('lacking are those versions that are not here, whatever else their keys have', async () => {
      const { source, sink } = live()
      const first = made(inlineFile('1'))
      await take('a', first)
      const [ref] = await source.tips([objectKey('a')])
      if (ref === undefined) throw new Error('no tip')
      await take('a', made(inlineFile('2'), [parentOf(first)]))
      const elsewhere = { ...ref, key: objectKey('b') }
      expect(await sink.lacking([ref, elsewhere])).toEqual([elsewhere])
    })

    test('what came, how far, and what waits is told by the sink', async () => {
      const { source, sink } = live()
      const position = await source.position()
      const parked = [{ key: objectKey('z'), why: 'lost' }]
      const move = { name: 'peer', from: undefined, to: { position, pass: 'k' }, parked }
      expect(await sink.checkpoint('peer')).toBeUndefined()
      await sink.take([done('a', made(inlineFile('1')))], { by: PEER, move })
      expect(await sink.checkpoint('peer')).toEqual({ position, pass: 'k' })
      expect(await sink.retries('peer')).toMatchObject([{ key: 'z', why: 'lost', tries: 1 }])
      expect(await sink.retries('peer', objectKey('z'))).toEqual([])
    })
  })
}
