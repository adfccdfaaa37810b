import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { findOrMakeSegment } from '../../src/endpoints/s3-segment/marker.js'
import { encodeClaim } from '../../src/format/claim.js'
import { PACK_HEADER_BYTES } from '../../src/format/pack.js'
import { makeChunk } from '../../src/model/chunk.js'
import { segmentGuid } from '../../src/model/ids.js'
import type { LiveBucket } from '../../src/model/live.js'
import type { ObjectStore } from '../../src/model/object-store.js'
import { noise } from '../chunker/bytes.js'
import { done, fileOf, inlineFile, leaf } from '../contracts/samples.js'
import { MemoryObjects } from '../fakes/memory-objects.js'
import { run } from '../transfer/runs.js'
import { bucketIn, bucketOf, filled, leaveMany, openObjects, withObjects } from './object-segments.js'

interface Act {
  readonly who: 0 | 1
  readonly key: string
  readonly text: string
}

const act = fc.record<Act>({
  who: fc.constantFrom(0, 1),
  key: fc.constantFrom('a', 'b', 'c'),
  text: fc.string({ minLength: 0, maxLength: 3 }),
})

/** All tips of all keys, by key. */
async function tipsOf({ source }: LiveBucket): Promise<string[]> {
  const tips: string[] = []
  for await (const page of source.list({ deleted: true }, () => undefined))
    for (const { key, held } of await source.tips(page.map(({ key }) => key))) tips.push(`${key} ${held?.id}`)
  return tips
}

test('two that write at once: whatever was acknowledged is there for all, and all agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 2, maxLength: 12 }),
      fc.infiniteStream(fc.nat(4)),
      async (acts, turns) => {
        const objects = new MemoryObjects()
        const client = () => objects.client(undefined, () => Number(turns.next().value))
        await leaveMany(objects.client(), 33)
        const segments = await Promise.all([openObjects(client()), openObjects(client())])
        try {
          const buckets = await Promise.all(segments.map((each) => bucketIn(each)))
          const acknowledged = new Set<string>()
          const writing = buckets.map(async (bucket, who) => {
            for (const { key, text } of acts.filter((each) => each.who === who)) {
              const chunk = leaf(`${text} in a chunk`)
              await bucket.sink.put([chunk], [])
              const [result] = await bucket.sink.publish([done(key, fileOf(chunk))], { overwrite: true })
              expect(['published', 'known']).toContain(result?.status)
              if (result && 'id' in result) acknowledged.add(`${key} ${result.id}`)
            }
          })
          await Promise.all(writing)
          for (const each of segments) await each.refresh()
          const [one, other] = await Promise.all(buckets.map(tipsOf))
          expect(one).toEqual(other)
          await withObjects(objects.client(), async (reader) => {
            expect(await tipsOf(reader)).toEqual(one)
            expect(await heldBy(reader)).toEqual(expect.arrayContaining([...acknowledged]))
            for await (const page of reader.source.list({}, () => undefined))
              await reader.source.fetch(page.flatMap(({ held }) => held?.root?.ref ?? []))
          })
        } finally {
          for (const each of segments) await each.close()
        }
      },
    ),
    { numRuns: 3 },
  )
})

/** All versions that are kept, as `key id`. */
async function heldBy({ source }: LiveBucket): Promise<string[]> {
  const start = { ...(await source.position()), sequence: 0 }
  const page = await source.changes(start, { without: segmentGuid('ff'.repeat(16)) })
  return page?.refs.map(({ key, held }) => `${key} ${held?.id}`) ?? []
}

test('two bring the same at once: each chunk is put once', async () => {
  const objects = new MemoryObjects()
  const segments = await Promise.all([openObjects(objects.client()), openObjects(objects.client())])
  onTestFinished(async () => {
    for (const each of segments) await each.close()
  })
  await bucketIn(segments[0])
  await segments[1].refresh()
  const chunks = Array.from({ length: 64 }, (_, i) => makeChunk(noise(i + 1, 1 << 20), false, false))
  const results = await Promise.all(
    segments.map(async (segment) => {
      const { sink } = bucketOf(segment)
      for (const chunk of chunks) await sink.put([chunk], [])
      return sink.publish(
        chunks.map((chunk, i) => done(`k${i}`, fileOf(chunk), i)),
        { overwrite: true },
      )
    }),
  )
  expect(results.flat().every(({ status }) => status === 'published' || status === 'known')).toBe(true)
  const once = chunks.reduce((sum, { data }) => sum + data.length, 0)
  expect(objects.bytesPut.get('packs') ?? 0).toBeLessThan(once * 1.01 + PACK_HEADER_BYTES * 100)
})

test('what a dead writer claimed is put by the next one, who then removes the claim', async () => {
  const objects = new MemoryObjects()
  const store = objects.client()
  await withObjects(store, async (to) => {
    const chunk = leaf('claimed and never put')
    await store.put(`claims/${'ab'.repeat(16)}-0`, encodeClaim([chunk.ref.id]))
    await to.sink.put([chunk], [])
    const one = [done('k', fileOf(chunk))]
    expect(await to.sink.publish(one, { overwrite: true })).toMatchObject([{ status: 'needs', refs: [chunk.ref] }])
    await to.sink.put([chunk], [])
    expect(await to.sink.publish(one, { overwrite: true })).toMatchObject([{ status: 'published' }])
    expect([...objects.kept.keys()].filter((key) => key.startsWith('claims/'))).toEqual([])
  })
})

test('the engine brings what another writer claimed and did not put', async () => {
  const objects = new MemoryObjects()
  const from = filled({ x: noise(1, 100) })
  await withObjects(objects.client(), async (to) => {
    const refs = [...from.chunks.all()].map(({ ref }) => ref.id)
    await objects.client().put(`claims/${'ab'.repeat(16)}-0`, encodeClaim(refs))
    const { report, stats } = await run({ from, to })
    expect(report.parked).toEqual([])
    expect(stats).toMatchObject({ objectsPublished: 1 })
  })
})

test('what is published twice by two is one version where it is the same content', async () => {
  const objects = new MemoryObjects()
  await withObjects(objects.client(), async (a) => {
    await withObjects(objects.client(), async (b, segment) => {
      await a.sink.publish([done('x', inlineFile('same'))], { overwrite: true })
      await segment.refresh()
      expect(await b.sink.publish([done('x', inlineFile('same'))], { overwrite: true })).toMatchObject([
        { status: 'known' },
      ])
    })
  })
})

test('of two that find no segment and make one, both take that of who began first', async () => {
  for (let round = 0; round < 6; round++) {
    const objects = new MemoryObjects()
    const late = (): ObjectStore => {
      const store = objects.client()
      return { ...store, put: (key, bytes) => delay(50).then(() => store.put(key, bytes)) }
    }
    const first = findOrMakeSegment(late())
    await delay(10)
    const second = findOrMakeSegment(late())
    expect(await second).toBe(await first)
  }
})
