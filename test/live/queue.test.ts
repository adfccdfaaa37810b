import fc from 'fast-check'
import { expect, test } from 'vitest'
import { journalId, segmentGuid } from '../../src/model/ids.js'
import { compareKeys, objectKey } from '../../src/model/key.js'
import type { ChangePage, LiveSource } from '../../src/model/live.js'
import type { Position } from '../../src/model/position.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { behind } from '../../src/transfer/live/behind.js'
import { placeOf } from '../../src/transfer/live/queue.js'

const JOURNAL = journalId('ab'.repeat(16))
const US = segmentGuid('cd'.repeat(16))
const PAGE = 3

const at = (sequence: number): Position => ({ journal: JOURNAL, epoch: 1, sequence })
const rowOf = (key: string, size: number): VersionRef => ({ key: objectKey(key), kind: 'file', size })

/** Changes in the order of their sequence, from 1 on, in small pages; its listing has the latest of each key. */
function sourceOf(changes: readonly VersionRef[]): Pick<LiveSource, 'list' | 'changes'> {
  return {
    async changes(since): Promise<ChangePage | undefined> {
      if (since.journal !== JOURNAL) return undefined
      const refs = changes.slice(since.sequence, since.sequence + PAGE)
      const sequence = since.sequence + refs.length
      return { refs, upTo: at(sequence), more: sequence < changes.length }
    },
    async *list({ after = '' }) {
      const latest = new Map(changes.map((ref) => [ref.key, ref]))
      const rows = [...latest.values()].filter(
        ({ key }) => compareKeys(key, objectKey(after || 'a')) > 0 || after === '',
      )
      yield rows.sort((a, b) => compareKeys(a.key, b.key))
    },
  }
}

const CHANGES = [rowOf('b', 10), rowOf('a', 20), rowOf('b', 30), rowOf('c', 40), rowOf('d', 50)]

test('an object stands where its first change stands, with the latest bytes of those before it', async () => {
  const place = (key: string, sequence: number) =>
    placeOf(objectKey(key), sourceOf(CHANGES), { position: at(sequence) }, { without: US })
  expect(await place('b', 0)).toEqual({ at: 1, of: 4, bytesBefore: 0, capped: false })
  expect(await place('c', 0)).toEqual({ at: 3, of: 4, bytesBefore: 50, capped: false })
  expect(await place('a', 1)).toEqual({ at: 1, of: 4, bytesBefore: 0, capped: false })
  expect(await place('a', 2)).toBeUndefined()
  expect(await place('d', 5)).toBeUndefined()
})

test('before the first pass, and where a position means nothing any more, all stand in the order of their keys', async () => {
  const whole = { at: 2, of: 4, bytesBefore: 20, capped: false }
  expect(await placeOf(objectKey('b'), sourceOf(CHANGES), undefined, { without: US })).toEqual(whole)
  const lost = { position: { ...at(1), journal: journalId('ff'.repeat(16)) } }
  expect(await placeOf(objectKey('b'), sourceOf(CHANGES), lost, { without: US })).toEqual(whole)
})

test('what is looked at is bounded, and said', async () => {
  const place = await placeOf(objectKey('b'), sourceOf(CHANGES), { position: at(0) }, { without: US, rowsMax: 3 })
  expect(place).toEqual({ at: 1, of: 2, bytesBefore: 0, capped: true })
})

test('whoever stands last has all the others before it: as many objects and bytes as are behind', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(1000)), { minLength: 1, maxLength: 20 }),
      async (pairs) => {
        const changes = pairs.map(([key, size]) => rowOf(key, size))
        const [source, checkpoint] = [sourceOf(changes), { position: at(0) }]
        const { objects, bytes } = await behind(source, checkpoint, { without: US })
        const keys = [...new Set(changes.map(({ key }) => key))]
        const places = await Promise.all(keys.map((key) => placeOf(key, source, checkpoint, { without: US })))
        expect(places.map((place) => place?.at)).toEqual(keys.map((_, i) => i + 1))
        expect(new Set(places.map((place) => place?.of))).toEqual(new Set([objects]))
        const last = changes.findLast(({ key }) => key === keys.at(-1))
        expect((places.at(-1)?.bytesBefore ?? 0) + (last?.size ?? 0)).toBe(bytes)
      },
    ),
  ))
