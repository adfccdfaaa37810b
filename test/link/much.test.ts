import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { liveBucket } from '../../src/endpoints/live-bucket.js'
import { openRemote } from '../../src/endpoints/remote/bucket.js'
import type { Done } from '../../src/model/endpoint.js'
import { objectKey } from '../../src/model/key.js'
import type { CheckpointMove, LiveBucket } from '../../src/model/live.js'
import { checkpointsOf } from '../../src/model/live.js'
import type { Settings } from '../../src/model/settings.js'
import { retryPages } from '../../src/transfer/live/retries.js'
import { elsewhere } from '../contracts/live-under-test.js'
import { collected, done, fileOf, inlineFile, leaf } from '../contracts/samples.js'
import { LiveSegment } from '../fakes/live-segment.js'
import { connect, PATH, serve, US } from './links.js'

const NAME = `${checkpointsOf(US)}any`

const STORING = { chunking: { kind: 'fixed', bytes: 65_536 }, compress: true } as const

/** Its buckets take as those of a store do: with quotas, checkpoints and lists of retries. */
class Stored extends LiveSegment {
  override bucket(path: string): LiveBucket {
    return liveBucket(this.segment, this.make(path), STORING)
  }
}

async function peer() {
  const at = new Stored(() => systemClock.nowMs())
  const { port } = await serve({ at })
  const { source, sink } = await openRemote(await connect(port), PATH, { need: 'write' })
  const to = { position: await source.position() }
  return {
    sink,
    to,
    set: (settings: Settings) => at.segment.names.set(PATH, () => settings),
    take: (items: readonly Done[], move: Partial<CheckpointMove> = {}) =>
      sink.take(items, { by: US, move: { name: NAME, from: undefined, to, parked: [], ...move } }),
    listed: async () => (await collected(retryPages(sink, NAME, {}))).map(({ key }) => key),
  }
}

/** As many as may be taken at once, and more than one request holds. */
const MUCH = Array.from({ length: LIMITS.parcelObjectsMax }, (_, i) => {
  const attributes = { user: { note: `${i}`.padEnd(3000) } }
  return done(`k${1000 + i}`, elsewhere(inlineFile(`${i}`, attributes), 1000))
})

test('of much what the peer parks is on its list once the checkpoint has moved, and off it once it is there', async () => {
  const { sink, to, set, take, listed } = await peer()
  await set({ quotaCount: 10 })
  const results = await take(MUCH, { parked: [{ key: objectKey('lost'), why: 'damaged here' }] })
  const parked = MUCH.filter((_, i) => results[i]?.status === 'parked').map(({ key }) => key)
  expect(parked.length).toBe(MUCH.length - 10)
  expect(await listed()).toEqual([...parked, 'lost'])
  expect(await sink.checkpoint(NAME)).toEqual(to)
  await set({})
  await take(MUCH, { from: to, gone: [objectKey('lost')] })
  expect(await listed()).toEqual([])
})

test('where some of much needs chunks the checkpoint stays, and what could not be brought is listed all the same', async () => {
  const { sink, take, listed } = await peer()
  const needy = done('a', elsewhere(fileOf(leaf('never put')), 1000))
  const results = await take([needy, ...MUCH.slice(1)], { parked: [{ key: objectKey('lost'), why: 'damaged here' }] })
  expect(results[0]?.status).toBe('needs')
  expect(await sink.checkpoint(NAME)).toBeUndefined()
  expect(await listed()).toEqual(['lost'])
})
