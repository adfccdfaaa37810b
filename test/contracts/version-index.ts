import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeManifest } from '../../src/format/manifest.js'
import type { Done, ListOptions, PublishResult } from '../../src/model/endpoint.js'
import type { BucketUid, SegmentGuid } from '../../src/model/ids.js'
import { bucketUid, journalId, segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, DELETION, mint, type Parent, type Version } from '../../src/model/manifest.js'
import type { NameSpace } from '../../src/model/name-space.js'
import type { ChunkStore, VersionIndex } from '../../src/model/segment.js'
import { collected, done, fileOf, folder, HandClock, inlineFile, leaf, tree, treeFile } from './samples.js'

export interface OpenIndex {
  readonly guid: SegmentGuid
  readonly names: NameSpace
  readonly chunks: ChunkStore
  readonly versions: VersionIndex
  close(): Promise<void>
}

const OTHER = segmentGuid('00'.repeat(16))
const START_MS = 1_700_000_000_000

/** What every VersionIndex does. */
export function versionIndexContract(name: string, open: (clock: HandClock) => Promise<OpenIndex>): void {
  describe(`${name} keeps versions`, () => {
    const clock = new HandClock(START_MS)
    let index: OpenIndex
    let bucket: BucketUid
    beforeEach(async () => {
      clock.ms = START_MS
      index = await open(clock)
      await index.names.create('Hawaii', {})
      await index.names.create('Hawaii/Cola', {})
      bucket = (await index.names.create('Hawaii/Cola/bk1', {})).uid
    })
    afterEach(() => index.close())

    const publish = (items: readonly Done[], overwrite = true): Promise<PublishResult[]> =>
      index.versions.publish(bucket, items, { overwrite })
    const write = async (key: string, content: Content | Version, overwrite = true): Promise<PublishResult> => {
      const [result] = await publish([done(key, content)], overwrite)
      if (result === undefined) throw new Error('no result')
      return result
    }
    const head = (key: string) => index.versions.head(bucket, objectKey(key))
    const keys = async (options: ListOptions = {}): Promise<string[]> =>
      (await collected(index.versions.list(bucket, options))).map(({ key }) => key)
    const elsewhere = (content: Content, parents: readonly Parent[], nowMs: number): Version => {
      const manifest = mint(content, parents, OTHER, nowMs)
      return { id: encodeManifest(manifest).id, manifest }
    }

    test('content becomes a version that the head and the manifest tell', async () => {
      const chunk = leaf('some content')
      await index.chunks.put([chunk])
      const result = await write('a', fileOf(chunk, { mode: 0o600, mtimeNs: -5n }))
      expect(result.status).toBe('published')
      const ref = head('a')
      expect(ref).toMatchObject({ key: 'a', kind: 'file', size: 12, mode: 0o600, mtimeNs: -5n })
      expect(ref?.held).toMatchObject({ stamp: { time: START_MS * 1000, segment: index.guid }, tips: 1 })
      expect(ref?.held?.root).toEqual({ ref: chunk.ref, depth: 0 })
      if (ref === undefined) throw new Error('no head')
      const [version] = await index.versions.manifests(bucket, [ref])
      expect(version?.id).toBe(ref.held?.id)
      expect(version?.manifest).toMatchObject({ size: 12, vector: { [index.guid]: START_MS * 1000 }, parents: [] })
    })

    test('the same content again is known, with other attributes or user keys it is not', async () => {
      const first = await write('a', inlineFile('x'))
      expect(await write('a', inlineFile('x'))).toEqual({ ...first, status: 'known' })
      expect((await write('a', inlineFile('x', { mode: 0o600 }))).status).toBe('published')
      expect((await write('a', inlineFile('x', { mode: 0o600, user: { 'X-A': '1' } }))).status).toBe('published')
      expect((await write('a', inlineFile('x', { mode: 0o600, user: { 'X-A': '1' } }))).status).toBe('known')
      expect((await write('a', inlineFile('x', { mode: 0o600, user: { 'X-A': '2' } }))).status).toBe('published')
      expect((await write('a', inlineFile('x', { mode: 0o600 }))).status).toBe('published')
      expect(index.versions.versions(bucket, objectKey('a')).length).toBe(5)
    })

    test('a version descends from the head, and its stamp is later though the clock steps back', async () => {
      await write('a', inlineFile('1'))
      const before = head('a')
      clock.ms -= 60_000
      await write('a', inlineFile('2'))
      const after = head('a')
      if (before?.held === undefined || after?.held === undefined) throw new Error('no head')
      expect(after.held.stamp.time).toBe(before.held.stamp.time + 1)
      const [version] = await index.versions.manifests(bucket, [after])
      expect(version?.manifest.parents).toEqual([before.held.id])
      expect(index.versions.versions(bucket, objectKey('a')).map(({ held }) => held?.id)).toEqual([
        after.held.id,
        before.held.id,
      ])
    })

    test('a delete is a version; of what is not there it is known', async () => {
      expect(await write('a', DELETION)).toEqual({ status: 'known' })
      await write('a', inlineFile('x'))
      expect((await write('a', DELETION)).status).toBe('published')
      expect((await write('a', DELETION)).status).toBe('known')
      expect(await keys()).toEqual([])
      expect(await keys({ deleted: true })).toEqual(['a'])
      expect(index.versions.counters(bucket)).toMatchObject({ objects: 0, bytes: 0, versions: 2, deleted: 1 })
    })

    test('what lacks its chunks needs them, and is published once they are here', async () => {
      const chunk = leaf('to come')
      expect(await write('a', fileOf(chunk))).toEqual({ status: 'needs', refs: [chunk.ref] })
      expect(head('a')).toBeUndefined()
      await index.chunks.put([chunk])
      expect((await write('a', fileOf(chunk))).status).toBe('published')
    })

    test('a tree is whole only when everything under it is here', async () => {
      const texts = ['left', 'middle', 'right']
      const { node, leaves } = tree(texts)
      const [left, middle, right] = leaves
      if (left === undefined || middle === undefined || right === undefined) throw new Error('no leaves')
      expect(await write('t', treeFile(texts))).toEqual({ status: 'needs', refs: [node.ref] })
      await index.chunks.put([left, node])
      expect(await write('t', treeFile(texts))).toEqual({ status: 'needs', refs: [middle.ref, right.ref] })
      expect(index.chunks.missing([node.ref])).toEqual([node.ref])
      await index.chunks.put([middle, right])
      expect((await write('t', treeFile(texts))).status).toBe('published')
      expect(index.chunks.missing([node.ref])).toEqual([])
    })

    test('one call can publish all outcomes, in order, and one key twice', async () => {
      await write('known', inlineFile('k'))
      const absent = leaf('absent')
      const results = await publish([
        done('known', inlineFile('k')),
        done('new', inlineFile('n')),
        done('needs', fileOf(absent)),
        done('twice', inlineFile('1')),
        done('twice', inlineFile('2')),
      ])
      expect(results.map(({ status }) => status)).toEqual(['known', 'published', 'needs', 'published', 'published'])
      expect(index.versions.versions(bucket, objectKey('twice')).length).toBe(2)
    })

    test('many callers at once are all answered', async () => {
      const writers = Array.from({ length: 50 }, (_, i) => write(`k${i % 7}`, inlineFile(`${i}`)))
      expect((await Promise.all(writers)).every(({ status }) => status === 'published')).toBe(true)
      expect(index.versions.counters(bucket)).toMatchObject({ objects: 7, versions: 50 })
      for (const key of await keys()) expect(head(key)?.held?.tips).toBe(1)
    })

    test('a version that comes from elsewhere keeps its id', async () => {
      const version = elsewhere(inlineFile('far'), [], START_MS)
      expect(await write('a', version, false)).toEqual({ status: 'published', id: version.id })
      expect(await write('a', version, false)).toEqual({ status: 'known', id: version.id })
      expect(head('a')?.held?.id).toBe(version.id)
      const parent = { id: version.id, stamp: version.manifest.stamp, vector: version.manifest.vector }
      const next = elsewhere(inlineFile('far 2'), [parent], START_MS + 1)
      expect(await write('a', next, false)).toEqual({ status: 'published', id: next.id })
      expect(head('a')?.held).toMatchObject({ id: next.id, tips: 1 })
      expect(await write('a', version, false)).toEqual({ status: 'known', id: version.id })
    })

    test('an ancestor of the head is superseded', async () => {
      const old = elsewhere(inlineFile('old'), [], START_MS)
      const parent = { id: old.id, stamp: old.manifest.stamp, vector: old.manifest.vector }
      await write('a', elsewhere(inlineFile('new'), [parent], START_MS + 1), false)
      expect(await write('a', old, false)).toEqual({ status: 'superseded' })
    })

    test('two versions that do not descend from each other are two tips; the later stamp is the head', async () => {
      await write('a', inlineFile('here'))
      const here = head('a')
      const older = elsewhere(inlineFile('there'), [], START_MS - 1000)
      expect((await write('a', older, false)).status).toBe('published')
      expect(head('a')?.held).toMatchObject({ id: here?.held?.id, tips: 2 })
      expect(index.versions.counters(bucket)).toMatchObject({ objects: 1, conflicts: 1, versions: 2 })
      const later = elsewhere(inlineFile('later'), [], START_MS + 1000)
      await write('a', later, false)
      expect(head('a')?.held).toMatchObject({ id: later.id, tips: 2 })
    })

    test('a version that descends from both tips ends the conflict', async () => {
      await write('a', inlineFile('here'))
      const there = elsewhere(inlineFile('there'), [], START_MS + 5)
      await write('a', there, false)
      const refs = index.versions.versions(bucket, objectKey('a'))
      const tips = await index.versions.manifests(bucket, refs)
      const parents = tips.map(({ id, manifest: { stamp, vector } }) => ({ id, stamp, vector }))
      const both = elsewhere(inlineFile('both'), parents, START_MS + 9)
      expect((await write('a', both, false)).status).toBe('published')
      expect(head('a')?.held).toMatchObject({ id: both.id, tips: 1 })
      expect(index.versions.counters(bucket)).toMatchObject({ conflicts: 0, versions: 3 })
    })

    test('with overwrite a stranger is written anew on top of the head, later than both', async () => {
      await write('a', inlineFile('here'))
      const here = head('a')
      const stranger = elsewhere(inlineFile('there'), [], START_MS + 60_000)
      const result = await write('a', stranger, true)
      expect(result.status).toBe('published')
      const now = head('a')
      if (now?.held === undefined) throw new Error('no head')
      expect(now.held.id).not.toBe(stranger.id)
      expect(now.held.stamp.time).toBeGreaterThan(stranger.manifest.stamp.time)
      expect(now.held).toMatchObject({ tips: 1, contentHash: stranger.manifest.contentHash })
      const [version] = await index.versions.manifests(bucket, [now])
      expect(version?.manifest.parents).toEqual([here?.held?.id])
    })

    test('listings are in the order of UTF-8 bytes, in pages, after a key, under a prefix', async () => {
      const all = ['\u{1F600}', '\uFF5E', 'a', 'a/b', 'a0', 'ab', 'b/', 'b/c', 'ä']
      const many = Array.from({ length: 2500 }, (_, i) => `m/${String(i).padStart(5, '0')}`)
      await publish([...all, ...many].map((key) => done(key, key.endsWith('/') ? folder() : inlineFile(key))))
      const sorted = [...all, ...many].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
      expect(await keys()).toEqual(sorted)
      expect(await keys({ after: objectKey('a0') })).toEqual(sorted.slice(sorted.indexOf('a0') + 1))
      expect(await keys({ prefix: 'a' })).toEqual(['a', 'a/b', 'a0', 'ab'])
      expect(await keys({ prefix: 'a', after: objectKey('a/b') })).toEqual(['a0', 'ab'])
      expect(await keys({ prefix: 'm/', after: objectKey('m/02497') })).toEqual(['m/02498', 'm/02499'])
      expect(await keys({ prefix: 'zz' })).toEqual([])
      expect(index.versions.counters(bucket)).toMatchObject({ objects: 2508, folders: 1 })
    })

    test('a listing goes on over what is written meanwhile', async () => {
      await publish(Array.from({ length: 1500 }, (_, i) => done(`k${String(i).padStart(5, '0')}`, inlineFile('x'))))
      const seen: string[] = []
      for await (const page of index.versions.list(bucket, {})) {
        seen.push(...page.map(({ key }) => key))
        await write('k99999', inlineFile(`${seen.length}`))
      }
      expect(seen.length).toBe(1501)
      expect(new Set(seen).size).toBe(1501)
    })

    test('a listing of a time past shows the heads of then', async () => {
      await write('a', inlineFile('1'))
      clock.ms += 1000
      await write('a', inlineFile('22'))
      await write('b', inlineFile('b'))
      clock.ms += 1000
      await write('a', DELETION)
      const sizes = async (atMs: number): Promise<string[]> =>
        (await collected(index.versions.list(bucket, { atMs }))).map(({ key, size }) => `${key}${size}`)
      expect(await sizes(START_MS - 1)).toEqual([])
      expect(await sizes(START_MS)).toEqual(['a1'])
      expect(await sizes(START_MS + 1500)).toEqual(['a2', 'b1'])
      expect(await sizes(START_MS + 2000)).toEqual(['b1'])
      expect(await keys({ atMs: START_MS + 2000, deleted: true })).toEqual(['a', 'b'])
    })

    test('the journal tells each change once, from a position on', async () => {
      const start = index.versions.position(bucket)
      await write('a', inlineFile('1'))
      const middle = index.versions.position(bucket)
      await write('b', inlineFile('1'))
      await write('a', inlineFile('2'))
      const since = async (position: typeof start): Promise<string[] | undefined> => {
        const changes = index.versions.changes(bucket, position)
        return changes && (await collected(changes)).map(({ key }) => key)
      }
      expect(await since(start)).toEqual(['a', 'b', 'a'])
      expect(await since(middle)).toEqual(['b', 'a'])
      expect(await since(index.versions.position(bucket))).toEqual([])
      expect(await since({ ...start, journal: journalId('11'.repeat(16)) })).toBeUndefined()
      expect(await since({ ...start, epoch: start.epoch + 1 })).toBeUndefined()
      expect(await since({ ...start, sequence: 4 })).toBeUndefined()
    })

    test('a checkpoint is saved with what is published, but not past what lacks chunks', async () => {
      const position = { journal: journalId('22'.repeat(16)), epoch: 3, sequence: 9 }
      const as = { overwrite: true, checkpoint: { name: 'peer', position } }
      await index.versions.publish(bucket, [done('a', fileOf(leaf('absent')))], as)
      expect(index.versions.checkpoint(bucket, 'peer')).toBeUndefined()
      await index.versions.publish(bucket, [done('a', inlineFile('x'))], as)
      expect(index.versions.checkpoint(bucket, 'peer')).toEqual(position)
      expect(index.versions.checkpoint(bucket, 'other')).toBeUndefined()
      const later = { ...position, sequence: 10 }
      await index.versions.publish(bucket, [], { overwrite: true, checkpoint: { name: 'peer', position: later } })
      expect(index.versions.checkpoint(bucket, 'peer')).toEqual(later)
    })

    test('a baseline keeps rows by name, in key order', async () => {
      await write('a', inlineFile('x'))
      const id = head('a')?.held?.id
      if (id === undefined) throw new Error('no head')
      const seen = { size: 1, mtimeNs: -1n, ctimeNs: 2n ** 60n, inode: 2n ** 63n, takenMs: START_MS }
      const row = (key: string) => ({ key: objectKey(key), id, seen })
      const baseline = index.versions.baseline(bucket, 'one')
      await baseline.put([row('b'), row('a'), row('c')], [])
      await baseline.put([], [objectKey('b')])
      expect(await collected(baseline.scan())).toEqual([row('a'), row('c')])
      expect(await collected(index.versions.baseline(bucket, 'two').scan())).toEqual([])
    })

    test('digests are those of the live heads, whatever the way there', async () => {
      const empty = index.versions.digests(bucket)
      await publish([done('a', inlineFile('1')), done('b', inlineFile('2')), done('d/', folder())])
      const { content, full } = index.versions.digests(bucket)
      expect(content).not.toBe(empty.content)
      const other = (await index.names.create('Hawaii/Cola/bk2', {})).uid
      for (const [key, text] of [
        ['b', 'other'],
        ['gone', 'x'],
        ['a', '1'],
        ['b', '2'],
      ] as const) {
        await index.versions.publish(other, [done(key, inlineFile(text))], { overwrite: true })
      }
      await index.versions.publish(other, [done('gone', DELETION), done('d/', folder())], { overwrite: true })
      expect(index.versions.digests(other)).toEqual({ content, full })
      await index.versions.publish(other, [done('a', inlineFile('1', { mode: 1 }))], { overwrite: true })
      expect(index.versions.digests(other).content).toBe(content)
      expect(index.versions.digests(other).full).not.toBe(full)
      const here = index.versions.digestCells(bucket, 'full')
      const there = index.versions.digestCells(other, 'full')
      expect(here.filter((cell, i) => cell !== there[i]).length).toBe(1)
      await index.versions.publish(
        other,
        ['a', 'b', 'd/'].map((key) => done(key, DELETION)),
        { overwrite: true },
      )
      expect(index.versions.digests(other)).toEqual(empty)
    })

    test('a bucket that is not there is NOT_FOUND to publish, and empty to read', async () => {
      const nowhere = bucketUid('33'.repeat(16))
      await expect(
        index.versions.publish(nowhere, [done('a', inlineFile('x'))], { overwrite: true }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(index.versions.head(nowhere, objectKey('a'))).toBeUndefined()
      expect(index.versions.counters(nowhere).objects).toBe(0)
    })

    test('a version that is gone is NOT_FOUND', async () => {
      await write('a', inlineFile('x'))
      const ref = head('a')
      if (ref === undefined) throw new Error('no head')
      await expect(index.versions.manifests(bucket, [{ ...ref, key: objectKey('b') }])).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
    })

    test('names are made below their parents, changed, and dropped when empty', async () => {
      const { names } = index
      expect(names.find('Hawaii/Cola/bk1')).toMatchObject({ kind: 'bucket', uid: bucket, createdMs: START_MS })
      await expect(names.create('Hawaii', {})).rejects.toMatchObject({ code: 'EXISTS' })
      await expect(names.create('Maui/Cola', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(names.set('Maui', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(names.drop('Hawaii/Cola')).rejects.toMatchObject({ code: 'NOT_EMPTY' })
      const settings = { numberOfVersions: 3, options: { a: 'b' } }
      expect((await names.set('Hawaii/Cola/bk1', settings)).settings).toEqual(settings)
      expect(names.find('Hawaii/Cola/bk1')?.settings).toEqual(settings)
      await names.create('Hawaii/Cola/ab', {})
      await names.create('Hawaii/Cola2', {})
      expect(names.children('Hawaii').map(({ path }) => path)).toEqual(['Hawaii/Cola', 'Hawaii/Cola2'])
      expect(names.children('Hawaii/Cola').map(({ path }) => path)).toEqual(['Hawaii/Cola/ab', 'Hawaii/Cola/bk1'])
      expect(names.children('').map(({ path }) => path)).toEqual(['Hawaii'])
      await write('a', inlineFile('x'))
      await expect(names.drop('Hawaii/Cola/bk1')).rejects.toMatchObject({ code: 'NOT_EMPTY' })
      await write('a', DELETION)
      await names.drop('Hawaii/Cola/bk1')
      expect(names.find('Hawaii/Cola/bk1')).toBeUndefined()
      await expect(names.drop('Hawaii/Cola/bk1')).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const again = await names.create('Hawaii/Cola/bk1', {})
      expect(again.uid).not.toBe(bucket)
      expect(await collected(index.versions.list(again.uid, { deleted: true }))).toEqual([])
      expect(index.versions.head(bucket, objectKey('a'))).toBeUndefined()
    })

    test('of many that make the same name at once one succeeds', async () => {
      const tries = Array.from({ length: 5 }, () => index.names.create('Hawaii/Cola/race', {}))
      const settled = await Promise.allSettled(tries)
      expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1)
      for (const each of settled) {
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'EXISTS' })
      }
    })
  })
}
