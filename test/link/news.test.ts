import { expect, onTestFinished, test } from 'vitest'
import { News } from '../../src/app/link/news.js'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { follower } from '../../src/base/signals.js'
import { done, inlineFile } from '../contracts/samples.js'
import { connect, serve } from './links.js'

test('of more buckets than a poll may ask for each is told of', async () => {
  const { at, port } = await serve()
  const { stop } = follower()
  const { signal } = stop
  const news = new News(await connect(port), systemClock, () => undefined)
  const paths = Array.from({ length: LIMITS.linkBucketsMax + 3 }, (_, i) => `Hawaii/Cola/many${i}`)
  const waits = paths.map(async (path) => {
    at.make(path)
    const bucket = at.bucket(path)
    return news.waker(path, bucket).wait(await bucket.source.position(), { signal })
  })
  const ended = Promise.allSettled(waits)
  const running = news.run(signal).catch((error: unknown) => error)
  onTestFinished(() => stop.abort())
  for (const i of [paths.length - 1, 0, paths.length - 2]) {
    const path = `${paths[i]}`
    await at.bucket(path).sink.publish([done(path, inlineFile('x'))], { overwrite: true })
    expect((await waits[i])?.refs.map(({ key }) => key)).toEqual([path])
  }
  stop.abort(new Error('enough'))
  await Promise.all([running, ended])
})
