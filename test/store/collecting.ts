import { expect } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import type { Chunk } from '../../src/model/chunk.js'
import type { CollectOptions, Segment } from '../../src/model/segment.js'
import { withSegment } from '../../src/store/segment.js'
import type { done } from '../contracts/samples.js'
import { bucketOf, home } from './homes.js'

export const options = { clock: systemClock }
/** All that can be freed. */
export const ALL: CollectOptions = { dryRun: false, deadShareMax: 0.05, pace: () => Promise.resolve() }

export async function write(segment: Segment, items: ReturnType<typeof done>[]): Promise<string[]> {
  const results = await segment.versions.publish(bucketOf(segment), items, { overwrite: true })
  return results.map(({ status }) => status)
}

/** Every byte of the home is what it should be. */
export async function sound(segment: Segment): Promise<void> {
  expect((await segment.check({ readData: true })).damage).toEqual([])
}

/** Chunks are put, and some of them published. Closed. */
export async function homeWith(chunks: readonly Chunk[], items: ReturnType<typeof done>[]): Promise<string> {
  const where = await home()
  await withSegment(where, options, async (segment) => {
    await segment.chunks.put(chunks)
    await write(segment, items)
  })
  return where
}
