import { expect, test } from 'vitest'
import { encodeManifest } from '../../src/format/manifest.js'
import { segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { DELETION, mint, type Version } from '../../src/model/manifest.js'
import { forgetDeletes } from '../../src/store/collect/forget.js'
import { collected, done, inlineFile } from '../contracts/samples.js'
import { openParts } from './parts.js'

const RUN = { dryRun: false }

function elsewhere(text: string, nowMs: number): Version {
  const manifest = mint(inlineFile(text), [], segmentGuid('00'.repeat(16)), nowMs)
  return { id: encodeManifest(manifest).id, manifest }
}

test('deletes of before go with all their versions, others and live objects stay', async () => {
  const at = await openParts()
  for (const key of ['early', 'late', 'live']) {
    await at.write(key, inlineFile('1'))
    await at.write(key, inlineFile('22'))
  }
  await at.write('early', DELETION)
  at.clock.ms += 10_000
  await at.write('late', DELETION)
  const { digests } = at.versions
  const before = digests(at.bucket)
  expect(await forgetDeletes(at.parts, at.clock.ms, { dryRun: true })).toEqual({ keys: 1, versions: 3 })
  expect(at.counts('early', 'late', 'live')).toEqual([3, 3, 2])
  expect(await forgetDeletes(at.parts, at.clock.ms, RUN)).toEqual({ keys: 1, versions: 3 })
  expect(at.counts('early', 'late', 'live')).toEqual([0, 3, 2])
  const listed = await collected(at.versions.list(at.bucket, { deleted: true }))
  expect(listed.map(({ key }) => key)).toEqual(['late', 'live'])
  expect(digests(at.bucket)).toEqual(before)
  expect(await forgetDeletes(at.parts, at.clock.ms, RUN)).toEqual({ keys: 0, versions: 0 })
  expect((await at.check()).damage).toEqual([])
})

test('an older version that is not known is parked from then on, a later one is taken', async () => {
  const at = await openParts()
  const old = elsewhere('old', at.clock.ms - 5_000)
  await at.write('a', old)
  await at.write('a', DELETION)
  at.clock.ms += 10_000
  await forgetDeletes(at.parts, at.clock.ms, RUN)
  expect(at.counts('a')).toEqual([0])
  const why = 'it is older than 2023-11-14T22:13:30.000Z, and deletes of before then were forgotten here'
  expect(await at.write('a', old)).toEqual({ status: 'parked', why })
  expect(await at.write('never seen', old)).toEqual({ status: 'parked', why })
  const later = elsewhere('later', at.clock.ms)
  expect(await at.write('a', later)).toEqual({ status: 'published', id: later.id })
  expect((await at.write('b', inlineFile('written here'))).status).toBe('published')
})

test('what is still to come is not forgotten: a version from elsewhere that is written now is taken', async () => {
  const at = await openParts()
  await at.write('a', inlineFile('1'))
  await at.write('a', DELETION)
  await forgetDeletes(at.parts, at.clock.ms + 10 ** 9, RUN)
  at.clock.ms += 1
  expect((await at.write('b', elsewhere('x', at.clock.ms))).status).toBe('published')
})

test('a delete that another tip disputes stays', async () => {
  const at = await openParts()
  await at.write('a', elsewhere('there', at.clock.ms - 5_000))
  await at.write('a', DELETION)
  await at.write('a', elsewhere('other', at.clock.ms - 4_000))
  expect(at.versions.head(at.bucket, objectKey('a'))).toMatchObject({ kind: 'deleted', held: { tips: 2 } })
  at.clock.ms += 10_000
  expect(await forgetDeletes(at.parts, at.clock.ms, RUN)).toEqual({ keys: 0, versions: 0 })
})

test('whatever is written by a clock that went back is later than what was forgotten, also what wins over a head', async () => {
  const at = await openParts()
  await at.write('a', inlineFile('1'))
  at.clock.ms += 10_000
  const floor = at.clock.ms * 1000
  await forgetDeletes(at.parts, at.clock.ms, RUN)
  at.clock.ms -= 5_000
  const items = [done('a', elsewhere('wins', at.clock.ms)), done('b', inlineFile('2'))]
  await at.versions.publish(at.bucket, items, { overwrite: true })
  for (const key of ['a', 'b']) {
    expect(at.versions.head(at.bucket, objectKey(key))?.held?.stamp.time).toBeGreaterThan(floor)
  }
})
