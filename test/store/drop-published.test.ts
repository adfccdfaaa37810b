import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import type { Done } from '../../src/model/endpoint.js'
import { DELETION } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { homePaths } from '../../src/store/home.js'
import { uidKey } from '../../src/store/index/keys.js'
import { openTables } from '../../src/store/index/tables.js'
import { openSegment } from '../../src/store/segment.js'
import { done, inlineFile } from '../contracts/samples.js'
import { bucketOf, home } from './homes.js'
import { rebuilt, told, toldAt } from './rebuilding.js'

const BUCKET = 'Hawaii/Cola/bk1'

async function opened(): Promise<{ readonly where: string; readonly segment: Segment }> {
  const where = await home()
  const segment = await openSegment(where, { clock: systemClock })
  return { where, segment }
}

const publish = (segment: Segment, item: Done) =>
  segment.versions.publish(bucketOf(segment), [item], { overwrite: true })

test('a bucket into which the same commit publishes is not dropped, not by a rebuild either', async () => {
  const { where, segment } = await opened()
  const both = await Promise.allSettled([publish(segment, done('a', inlineFile('1'))), segment.names.drop(BUCKET)])
  expect(both).toMatchObject([
    { status: 'fulfilled', value: [{ status: 'published' }] },
    { status: 'rejected', reason: { code: 'NOT_EMPTY' } },
  ])
  const before = await told(segment)
  await segment.close()
  expect(await toldAt(where)).toEqual(before)
  expect((await rebuilt(where)).findings).toEqual([])
  expect(await toldAt(where)).toEqual(before)
})

test('what is published in the commit that drops its bucket is refused, and leaves no row', async () => {
  const { where, segment } = await opened()
  const uid = bucketOf(segment)
  const item = done('a', inlineFile('1'))
  const dropped = segment.names.drop(BUCKET)
  const published = segment.versions.publish(uid, [item], { overwrite: true })
  expect(await Promise.allSettled([dropped, published])).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'NOT_FOUND' } },
  ])
  const tables = openTables(where, homePaths(where).index)
  onTestFinished(() => tables.close())
  expect(tables.buckets.doesExist(uidKey(uid))).toBe(false)
  expect((await segment.check({ readData: true })).damage).toEqual([])
  await segment.close()
})

test('a bucket that the same commit leaves empty is dropped, and stays so after a rebuild', async () => {
  const { where, segment } = await opened()
  await publish(segment, done('a', inlineFile('1')))
  const uid = bucketOf(segment)
  await Promise.all([publish(segment, done('a', DELETION)), segment.names.drop(BUCKET)])
  expect(segment.names.find(BUCKET)).toBeUndefined()
  await segment.close()
  const tables = openTables(where, homePaths(where).index)
  expect(tables.buckets.doesExist(uidKey(uid))).toBe(false)
  await tables.close()
  const before = await toldAt(where)
  await rebuilt(where)
  expect(await toldAt(where)).toEqual(before)
})
