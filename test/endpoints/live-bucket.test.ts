import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../../src/base/clock.js'
import { liveBucket } from '../../src/endpoints/live-bucket.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { liveBucketContract, type OpenLive } from '../contracts/live-bucket.js'
import { MemorySegment } from '../fakes/memory-segment/segment.js'

const STORING = { chunking: { kind: 'fastcdc', bytes: 65_536 }, compress: true } as const

async function opened(
  segment: Pick<Segment, 'guid' | 'names' | 'chunks' | 'versions'>,
  close: () => Promise<void>,
): Promise<OpenLive> {
  for (const name of ['a', 'a/b']) await segment.names.create(name, {})
  const bucket = await segment.names.create('a/b/c', {})
  const set = async (settings: object): Promise<void> => {
    await segment.names.set('a/b/c', () => settings)
  }
  return { live: liveBucket(segment, bucket, STORING), set, close }
}

liveBucketContract('a bucket in memory', async () => opened(new MemorySegment(systemClock), async () => undefined))
liveBucketContract('a bucket of the embedded store', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'efs-live-'))
  await initSegment(path.join(dir, 'home'), { clock: systemClock })
  const segment = await openSegment(path.join(dir, 'home'), { clock: systemClock })
  return opened(segment, async () => {
    await segment.close()
    await rm(dir, { recursive: true, force: true })
  })
})
