import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeManifest } from '../../src/format/manifest.js'
import type { BucketUid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, DELETION, mint, type Parent, type Version } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { OTHER, START_MS } from '../contracts/index-under-test.js'
import {
  done,
  fileOf,
  folder as folderContent,
  HandClock,
  inlineFile,
  leaf,
  tree,
  treeFile,
} from '../contracts/samples.js'
import { folder } from './homes.js'
import { forgetIndex, prune, rebuilt, told, toldAt } from './rebuilding.js'

const BUCKETS = ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2', 'Hawaii/Pepsi/bk1']
const KEYS = ['a', 'a/b', 'ab', 'ä', 'z']

const what = fc.record({
  bucket: fc.constantFrom(...BUCKETS),
  key: fc.constantFrom(...KEYS),
  /** Which of two segments on the one home does it. */
  writer: fc.constantFrom(0, 1),
  text: fc.integer({ min: 0, max: 5 }),
})
const step = fc.tuple(
  fc.constantFrom(
    'inline',
    'file',
    'tree',
    'folder',
    'delete',
    'far',
    'farther',
    'two',
    'prune',
    'expunge',
    'remake',
    'set',
  ),
  what,
)

/** When each of two writers sees what the other has written. */
const seen = (): Promise<void> => delay(1)

/** A home with two writers, and a history that happens to it. */
class History {
  readonly clock = new HandClock(START_MS)
  #segments: Segment[] = []

  constructor(readonly where: string) {}

  async begin(): Promise<void> {
    await initSegment(this.where, { clock: this.clock })
    this.#segments = [await this.#open(), await this.#open()]
    for (const name of ['Hawaii', 'Hawaii/Cola', 'Hawaii/Pepsi', ...BUCKETS])
      await this.#segment(0).names.create(name, {})
  }

  async end(): Promise<unknown> {
    await seen()
    const all = await told(this.#segment(0))
    for (const segment of this.#segments) await segment.close()
    return all
  }

  async step(
    kind: string,
    { bucket: path, key, writer, text }: typeof what extends fc.Arbitrary<infer T> ? T : never,
  ): Promise<void> {
    await seen()
    this.clock.ms += 1 + (text % 3)
    const segment = this.#segment(writer)
    const bucket = this.#uid(segment, path)
    const put = (content: Content | Version, overwrite = true) =>
      segment.versions.publish(bucket, [done(key, content)], { overwrite })
    switch (kind) {
      case 'file':
        await segment.chunks.put([leaf(`chunk ${text}`)])
        return void (await put(fileOf(leaf(`chunk ${text}`))))
      case 'tree': {
        const texts = ['left', `middle ${text}`, 'right']
        const { node, leaves } = tree(texts)
        await segment.chunks.put([...leaves, node])
        return void (await put(treeFile(texts)))
      }
      case 'folder':
        return void (await put(folderContent()))
      case 'delete':
        return void (await put(DELETION))
      case 'far':
        return void (await put(this.#elsewhere(`far ${text}`, []), false))
      case 'farther':
        return void (await put(
          this.#elsewhere(`farther ${text}`, await this.#someOf(segment, bucket, key, text)),
          false,
        ))
      case 'two':
        return void (await Promise.all(
          BUCKETS.map((each) =>
            segment.versions.publish(this.#uid(segment, each), [done(key, inlineFile(`two ${text}`))], {
              overwrite: true,
            }),
          ),
        ))
      case 'prune':
        return prune(this.where, segment, bucket, objectKey(key))
      case 'expunge':
        await segment.versions.expunge(bucket, [objectKey(key)])
        return
      case 'remake':
        for (const each of KEYS) await segment.versions.publish(bucket, [done(each, DELETION)], { overwrite: true })
        await segment.names.drop(path)
        return void (await segment.names.create(path, { numberOfVersions: text + 1 }))
      case 'set':
        return void (await segment.names.set(path, () => ({ chunkSize: 8192 * (text + 1) })))
      default:
        return void (await put(inlineFile(`text ${text}`)))
    }
  }

  /** The parents of a version that descends from some of what a key holds. */
  async #someOf(segment: Segment, bucket: BucketUid, key: string, some: number): Promise<Parent[]> {
    const refs = segment.versions.versions(bucket, objectKey(key)).filter((_, i) => (some >> (i % 3)) & 1)
    const versions = await segment.versions.manifests(bucket, refs)
    return versions.map(({ id, manifest: { stamp, vector } }) => ({ id, stamp, vector }))
  }

  #elsewhere(text: string, parents: readonly Parent[]): Version {
    const manifest = mint(inlineFile(text), parents, OTHER, this.clock.ms)
    return { id: encodeManifest(manifest).id, manifest }
  }

  #uid(segment: Segment, path: string): BucketUid {
    const named = segment.names.find(path)
    if (named === undefined) throw new Error(`no ${path}`)
    return named.uid
  }

  #segment(writer: number): Segment {
    const segment = this.#segments[writer]
    if (segment === undefined) throw new Error('no such writer')
    return segment
  }

  #open = (): Promise<Segment> => openSegment(this.where, { clock: this.clock })
}

test('whatever has happened to a home, its packs tell all of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), async (steps) => {
      const where = `${await folder()}/home`
      const history = new History(where)
      await history.begin()
      for (const [kind, it] of steps) await history.step(kind, it)
      const before = await history.end()
      await forgetIndex(where)
      const { findings, report } = await rebuilt(where)
      expect(findings).toEqual([])
      expect(report).toMatchObject({ buckets: BUCKETS.length, damaged: 0, lost: 0 })
      expect(await toldAt(where)).toEqual(before)
    }),
    { numRuns: 20 },
  )
}, 120_000)
