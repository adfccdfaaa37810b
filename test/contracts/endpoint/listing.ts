import { expect } from 'vitest'
import { LIMITS } from '../../../src/base/limits.js'
import { compareKeys, objectKey } from '../../../src/model/key.js'
import { done, inlineFile } from '../samples.js'
import { bring, keysOf, publish, rowOf, rowsOf } from './hands.js'
import { type Case, type End, lookerOf } from './kind.js'

/** Such that orders of UTF-16, of folders and of escaped text all differ from that of UTF-8. */
const ODD = [
  '\u{1F600}',
  '\uFF5E',
  'ä',
  'A',
  '~',
  'a-',
  'a/b',
  'a/b c+d%25/é',
  'a0',
  'a.b',
  'a\u0001',
  'a&<">',
  "a=b?c#d;e'(f)*!",
  'line\nbreak',
  'b/c/d',
  `${'long/'.repeat(204)}name`,
]

export const LISTING: readonly Case[] = [
  {
    name: 'rows come in the order of the UTF-8 bytes of their keys, after any key, under any prefix',
    async run(place) {
      const end = await place.open()
      await bring(Object.fromEntries(ODD.map((key) => [key, { bytes: Buffer.from(key) }])), end)
      await expectOrder(await place.open(), ODD)
      for (const row of await rowsOf(end)) {
        if (row.kind === 'file') expect(row.size, row.key).toBe(Buffer.byteLength(row.key))
        else expect([row.kind, row.key.endsWith('/')]).toEqual(['folder', true])
      }
    },
  },
  {
    name: 'a key stands beside those below it',
    needs: 'beside',
    async run(place) {
      const end = await place.open()
      const keys = ['a', 'a-', 'a/', 'a/b', 'a/b/c', 'a0']
      await bring(Object.fromEntries(keys.map((key) => [key, {}])), end)
      await expectOrder(
        await place.open(),
        keys.filter((key) => key !== 'a/'),
      )
      expect((await rowOf(end, 'a/')).kind).toBe('folder')
    },
  },
  {
    name: 'a key of 1,024 bytes needs no slash',
    needs: 'long names',
    async run(place) {
      const end = await place.open()
      const keys = ['k'.repeat(1023), 'é'.repeat(512), 'k'.repeat(1024)]
      await bring(Object.fromEntries(keys.map((key) => [key, {}])), end)
      await expectOrder(await place.open(), keys)
    },
  },
  {
    name: 'a listing of many pages is whole, and no page is empty or too long',
    async run(place) {
      const end = await place.open()
      const keys = Array.from({ length: 2 * LIMITS.pageRowsMax + 100 }, (_, i) => `m/${String(i).padStart(5, '0')}`)
      for (let from = 0; from < keys.length; from += LIMITS.parcelObjectsMax) {
        const some = keys.slice(from, from + LIMITS.parcelObjectsMax)
        await publish(end, ...some.map((key) => done(key, inlineFile(''))))
      }
      expect(await keysOf(end)).toEqual(keys)
      expect(await keysOf(end, { after: objectKey('m/00500') })).toEqual(keys.slice(501))
      expect(await keysOf(end, { prefix: 'm/0049' })).toEqual(keys.slice(490, 500))
      for await (const page of end.source.list({}, () => undefined)) {
        expect(page.length).toBeGreaterThan(0)
        expect(page.length).toBeLessThanOrEqual(LIMITS.pageRowsMax)
      }
    },
  },
  {
    name: 'an empty place lists nothing, and an empty folder is something',
    async run(place) {
      const end = await place.open()
      expect(await rowsOf(end)).toEqual([])
      await bring({ 'hollow/': {} }, end)
      expect(await rowsOf(await place.open())).toMatchObject([{ key: 'hollow/', kind: 'folder', size: 0 }])
    },
  },
  {
    name: 'what cannot be reached is not empty: its listing fails',
    needs: 'other side',
    async run(place) {
      const end = await place.open()
      await bring({ a: {} }, end)
      await place.away?.()
      await expect(keysOf(end)).rejects.toMatchObject({ code: expect.stringMatching(/NOT_FOUND|UNREACHABLE/) })
    },
  },
  {
    name: 'an abort ends a listing with its reason',
    async run(place) {
      const end = await place.open()
      await bring({ a: {} }, end)
      await expect(keysOf(end, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    },
  },
  {
    name: 'single keys are told as a listing tells them',
    needs: 'looks',
    async run(place) {
      const end = await place.open()
      const link = { kind: 'link', bytes: Buffer.from('a') } as const
      await bring({ a: { bytes: Buffer.from('x') }, 'd/e/f': {}, 'hollow/': {}, link }, end)
      const asked = ['d/', 'd/e/f', 'no', 'a', 'a/below', 'hollow/', 'link', 'd/e'].map(objectKey)
      const looked = (await lookerOf(end.source)?.look(asked, () => undefined)) ?? []
      const rows = await rowsOf(end)
      const expected = asked.flatMap((key) => rows.find((row) => row.key === key) ?? [])
      expect(looked.map(untaken)).toEqual(expected.map(untaken))
      expect(looked.map(({ key }) => key)).toEqual(['d/', 'd/e/f', 'a', 'hollow/', 'link'])
    },
  },
]

/** Without when it was looked at. */
const untaken = ({ seen, ...row }: Awaited<ReturnType<typeof rowOf>>) => ({
  ...row,
  ...(seen && { ...seen, takenMs: 0 }),
})

async function expectOrder(end: End, keys: readonly string[]): Promise<void> {
  const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect(await keysOf(end)).toEqual(sorted)
  const all = (await rowsOf(end)).map(({ key }) => key)
  expect(all).toEqual([...all].sort(compareKeys))
  for (const [i, after] of sorted.entries()) {
    expect(await keysOf(end, { after: objectKey(after) })).toEqual(sorted.slice(i + 1))
  }
  for (const prefix of ['a', 'a/', 'a/b', 'long/long/', 'k', 'nothing']) {
    const under = sorted.filter((key) => key.startsWith(prefix))
    expect(await keysOf(end, { prefix })).toEqual(under)
    const [first] = under
    if (first !== undefined) expect(await keysOf(end, { prefix, after: objectKey(first) })).toEqual(under.slice(1))
  }
}
