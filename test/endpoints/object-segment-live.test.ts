import path from 'node:path'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { segmentGuid } from '../../src/model/ids.js'
import { MemoryObjects } from '../fakes/memory-objects.js'
import { folder } from '../store/homes.js'
import { run } from '../transfer/runs.js'
import { BUCKET, bucketIn, bucketOf, bytes, filled, leaveMany, openObjects, withObjects } from './object-segments.js'

const OTHER = segmentGuid('ee'.repeat(16))

test('a look tells whether anything was new; what others wrote is offered to all but to whom it came from', async () => {
  const objects = new MemoryObjects()
  const [writer, reader] = [await openObjects(objects.client()), await openObjects(objects.client())]
  const to = await bucketIn(writer)
  await run({ from: filled({ a: bytes(1) }), to })
  expect([await reader.refresh(), await reader.refresh()]).toEqual([true, false])
  const bucket = bucketOf(reader)
  expect([bucket.segment, to.segment]).toEqual([reader.guid, reader.guid])
  const start = { ...(await bucket.source.position()), sequence: 0 }
  for (const without of [reader.guid, OTHER]) {
    const page = await bucket.source.changes(start, { without })
    expect(page?.refs.map(({ key }) => key)).toEqual(['a'])
  }
  // What a pass of OTHER brought is not given back to it, here or at the next look.
  const [head] = (await bucket.source.changes(start, { without: OTHER }))?.refs ?? []
  if (head === undefined) throw new Error('nothing is there')
  const [content] = await bucket.source.versions([head])
  if (content === undefined) throw new Error('no manifest')
  await reader.makeBucket(`${BUCKET}2`)
  const second = bucketOf(reader, `${BUCKET}2`)
  await second.sink.take([{ object: 0, key: head.key, content }], { by: OTHER })
  await reader.refresh()
  const began = { ...(await second.source.position()), sequence: 0 }
  expect((await second.source.changes(began, { without: OTHER }))?.refs).toEqual([])
  expect((await second.source.changes(began, { without: reader.guid }))?.refs.length).toBe(1)
  for (const one of [writer, reader]) await one.close()
})

test('at rest a look is listings alone', async () => {
  const objects = new MemoryObjects()
  await withObjects(objects.client(), async (to, segment) => {
    await run({ from: filled({ a: bytes(1) }), to })
    await segment.refresh()
    const before = { ...objects.counts }
    await segment.refresh()
    expect(objects.counts).toEqual({ ...before, list: expect.any(Number) })
  })
})

test('who only reads writes nothing, however much there is to merge', async () => {
  const objects = new MemoryObjects()
  await withObjects(objects.client(), async () => undefined)
  await leaveMany(objects.client(), LIMITS.factsMergeLeast + 8)
  const { put, delete: deleted } = objects.counts
  const reader = await openObjects(objects.client(), { readOnly: true })
  await reader.refresh()
  expect((await bucketOf(reader).source.position()).sequence).toBeGreaterThan(LIMITS.factsMergeLeast)
  await reader.close()
  expect(objects.counts).toMatchObject({ put, delete: deleted })
})

test('what a writer has claimed that ended is not waited for by the next one with the same cache', async () => {
  const objects = new MemoryObjects()
  const cache = path.join(await folder(), 'cache')
  const push = (failing: boolean) =>
    withObjects(
      objects.client((what, key) => {
        if (failing && what === 'put' && key.startsWith('packs/')) throw new Error('S3 is away')
      }),
      async (to) => void (await run({ from: filled({ a: bytes(1, 5000) }), to })),
      cache,
    )
  await expect(push(true)).rejects.toThrow('S3 is away')
  const claims = () => [...objects.kept.keys()].filter((key) => key.startsWith('claims/'))
  expect(claims().length).toBe(1)
  const { list } = objects.counts
  await push(false)
  expect(claims()).toEqual([])
  // Waiting for another writer is listing, again and again.
  expect(objects.counts.list - list).toBeLessThan(20)
  await withObjects(objects.client(), async (to) => expect(to.digested.objects).toBe(1))
})
