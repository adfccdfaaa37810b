import { expect } from 'vitest'
import { EfsError } from '../../../src/base/errors.js'
import { type Content, DELETION } from '../../../src/model/manifest.js'
import { MemoryBaseline } from '../../fakes/memory-baseline.js'
import { run } from '../../transfer/runs.js'
import { done, fileOf, folder, inlineFile, leaf, tree, treeFile } from '../samples.js'
import { bring, bucketOf, contentsOf, keysOf, publish, rowOf, rowsOf, some, textsOf, told } from './hands.js'
import type { Case, End } from './kind.js'

const texts = (...all: readonly string[]) => Object.fromEntries(all.map((text) => [text, { bytes: Buffer.from(text) }]))

const LONG = leaf('longer than what goes into a manifest, so that it takes a chunk\n'.repeat(9))

/** An object whose only chunk is `LONG`, chunk first. */
async function sent(end: End, one: ReturnType<typeof done>) {
  end.sink.begin?.([one])
  await end.sink.put([LONG], [{ object: one.object, offset: 0, ref: LONG.ref }])
  return publish(end, one)
}

/** The code of the refusal, whether it parks the object or ends the run. */
async function refusal(work: () => Promise<string[]>): Promise<string> {
  try {
    return (await work()).join()
  } catch (error) {
    return error instanceof EfsError ? error.code : expect.fail(`not one of ours: ${error}`)
  }
}

export const PUBLISHING: readonly Case[] = [
  {
    name: 'a second run has nothing to do',
    async run(place) {
      // What is as young as a look at it cannot be known to be the same.
      const old = { mode: 0o644, mtimeNs: 5n }
      const from = bucketOf({
        a: { bytes: Buffer.from('a'), attributes: old },
        'd/b': { bytes: some(1, 100_000), attributes: old },
        'hollow/': { attributes: { ...old, mode: 0o755 } },
      })
      const baseline = new MemoryBaseline()
      expect((await run({ from, to: await place.open(), baseline })).settled.length).toBeGreaterThanOrEqual(3)
      expect((await run({ from, to: await place.open(), baseline })).settled).toEqual([])
    },
  },
  {
    name: 'what changed is overwritten, what is gone is deleted, the rest stays',
    async run(place) {
      const long = { bytes: some(1, 300_000) }
      await bring(
        { ...texts('gone', 'd/gone', 'd/stays', 'kind'), long, mode: { attributes: { mode: 0o644 } } },
        await place.open(),
      )
      const kind = { kind: 'link', bytes: Buffer.from('a link now') } as const
      const changed = { ...texts('d/stays', 'new'), long: { bytes: Buffer.from('short') }, kind }
      await bring({ ...changed, mode: { attributes: { mode: 0o600 } } }, await place.open())
      const end = await place.open()
      expect(await keysOf(end)).toEqual(['d/stays', 'kind', 'long', 'mode', 'new'])
      const back = await contentsOf(end)
      expect(back.get('long')?.bytes.toString()).toBe('short')
      expect(back.get('kind')).toMatchObject({ kind: 'link' })
      expect(back.get('mode')?.attributes.mode).toBe(0o600)
      await bring({}, end)
      expect(await keysOf(await place.open())).toEqual([])
      await bring(texts('gone'), end)
      expect(await textsOf(await place.open())).toEqual({ gone: 'gone' })
    },
  },
  {
    name: 'each of many has its result, in order, and a delete of what is not there is known',
    async run(place) {
      const end = await place.open()
      const items = [
        done('a', inlineFile('1')),
        done('never', DELETION),
        done('f/', folder()),
        done('b', inlineFile('2')),
      ]
      expect(told(await publish(end, ...items))).toEqual(['published', 'known', 'published', 'published'])
      expect(await publish(end)).toEqual([])
      expect(await textsOf(await place.open())).toEqual({ a: '1', b: '2' })
    },
  },
  {
    name: 'one chunk serves several places of several objects',
    async run(place) {
      const bytes = some(3, 65_536)
      const given = {
        a: { bytes: Buffer.concat([bytes, bytes]) },
        b: { bytes },
        c: { bytes: Buffer.concat([bytes, some(4, 9)]) },
      }
      const end = await place.open()
      await bring(given, end)
      await bring({ ...given, d: { bytes } }, end)
      const back = await contentsOf(await place.open())
      for (const [key, one] of Object.entries({ ...given, d: { bytes } }))
        expect(back.get(key)?.bytes.equals(one.bytes)).toBe(true)
    },
  },
  {
    name: 'bytes that reach past the size of their object do not get in, and harm no other',
    async run(place) {
      const end = await place.open()
      for (const size of [LONG.ref.size - 1, 200]) {
        const lie = done('lie', { ...fileOf(LONG), size })
        expect(await refusal(async () => told(await sent(end, lie))), `${size}`).not.toBe('published')
        expect(await keysOf(await place.open())).toEqual([])
      }
      expect(told(await sent(end, done('true', fileOf(LONG))))).toEqual(['published'])
      expect((await contentsOf(await place.open())).get('true')?.bytes.length).toBe(LONG.ref.size)
    },
  },
  {
    name: 'what the plan did not see, or saw otherwise, is left alone',
    needs: 'bytes',
    async run(place) {
      const end = await place.open()
      await bring(texts('changed', 'gone', 'same'), end)
      const seen = async (key: string, content: Content) => ({ ...done(key, content), there: await rowOf(end, key) })
      const [changed, gone, same] = await Promise.all(
        ['changed', 'gone', 'same'].map((key) => seen(key, inlineFile('x'))),
      )
      const deleted = await seen('changed', DELETION)
      if (!changed || !gone || !same) throw new Error('no rows')
      await publish(
        await place.open(),
        await seen('changed', inlineFile('meanwhile')),
        await seen('gone', DELETION),
        done('came', inlineFile('came')),
      )
      expect(told(await publish(end, changed, gone, done('came', inlineFile('x')), deleted, same))).toEqual([
        'it was changed here meanwhile',
        'it was deleted here meanwhile',
        'something is here that the plan did not see',
        'it was changed here meanwhile',
        'published',
      ])
      expect(await textsOf(await place.open())).toEqual({ changed: 'meanwhile', came: 'came', same: 'x' })
    },
  },
  {
    name: 'drafts are published, known, or in need of chunks',
    needs: 'chunks',
    async run(place) {
      const end = await place.open()
      const all = ['left', 'right']
      const { node, leaves } = tree(all)
      const items = [done('tree', treeFile(all)), done('tiny', inlineFile('x', { mode: 0o640, mtimeNs: 5n }))]
      expect(await publish(end, ...items)).toMatchObject([
        { status: 'needs', refs: [node.ref] },
        { status: 'published' },
      ])
      await end.sink.put([...leaves, node], [])
      expect(told(await publish(end, ...items))).toEqual(['published', 'known'])
      expect((await rowOf(end, 'tree')).held?.root).toEqual({ ref: node.ref, depth: 1 })
    },
  },
  {
    name: 'two write one key: one is the head, and nothing is lost',
    needs: 'chunks',
    async run(place) {
      const [one, other] = [await place.open(), await place.open()]
      await Promise.all([publish(one, done('a', inlineFile('one'))), publish(other, done('a', inlineFile('other')))])
      const rows = await rowsOf(await place.open())
      expect(rows).toMatchObject([{ key: 'a' }])
      expect(['one', 'other']).toContain((await textsOf(await place.open())).a)
    },
  },
  {
    name: 'the digest is that of what is there, and of nothing at first',
    needs: 'digests',
    async run(place) {
      const empty = (await place.open()).digested
      expect(empty).toMatchObject({ objects: 0, bytes: 0 })
      expect(empty?.cells('full').every((cell) => /^0{64}$/.test(cell))).toBe(true)
      const from = bucketOf(texts('a', 'd/b'))
      await run({ from, to: await place.open() })
      const { digested } = await place.open()
      expect(digested).toMatchObject({ objects: 2, bytes: 4 })
      for (const kind of ['content', 'full'] as const) expect(digested?.digest(kind)).toBe(from.digested?.digest(kind))
      expect(digested?.cells('content').length).toBe(4096)
    },
  },
]
