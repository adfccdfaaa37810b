import { expect, onTestFinished, test, vi } from 'vitest'
import { archivePeer } from '../../src/app/archive/peer.js'
import { systemClock } from '../../src/base/clock.js'
import { BUCKET, bucketIn, openObjects } from '../endpoints/object-segments.js'
import { MemoryObjects } from '../fakes/memory-objects.js'

/** A segment of objects, and after how many seconds it was looked at; `news`: whether a look finds something. */
async function looked(receives: boolean, news: readonly boolean[]) {
  const segment = await openObjects(new MemoryObjects().client())
  await bucketIn(segment)
  vi.useFakeTimers()
  onTestFinished(async () => {
    vi.useRealTimers()
    await segment.close()
  })
  const stop = new AbortController()
  const at: number[] = []
  const began = Date.now()
  const look = async (): Promise<boolean> => {
    at.push((Date.now() - began) / 1000)
    if (at.length >= news.length) stop.abort()
    return news[at.length - 1] === true
  }
  const goneAt: number[] = []
  const lookForGone = async () => void goneAt.push((Date.now() - began) / 1000)
  const meter = () => ({ latencyMs: 0, bytesSent: 0, bytesReceived: 0, requests: 0 })
  const archive = { segment, text: 's3+segment://archive/', look, lookForGone, meter, close: async () => undefined }
  const peer = archivePeer(archive, { clock: systemClock, receives })
  let heard = 0
  const running = peer.news(() => heard++).run(stop.signal)
  while (!stop.signal.aborted) await vi.advanceTimersByTimeAsync(500)
  await running
  return { at, goneAt, heard, peer }
}

test('who receives looks soon after something new, then later and later, up to half a minute', async () => {
  const { at, heard } = await looked(true, [false, false, false, false, false, true, false, false])
  expect(at).toEqual([2, 6, 14, 30, 60, 90, 92, 96])
  expect(heard).toBe(9)
})

test('who only sends looks each half minute, whatever is new', async () => {
  expect((await looked(false, [true, true, false])).at).toEqual([30, 60, 90])
})

test('whether packs are gone is looked for once an hour, since that lists all', async () => {
  expect(
    (
      await looked(
        false,
        Array.from({ length: 250 }, () => false),
      )
    ).goneAt,
  ).toEqual([3600, 7200])
})

test('a bucket that is not there is named, with what is, unless it may be made', async () => {
  const { peer } = await looked(true, [false])
  vi.useRealTimers()
  const signal = AbortSignal.timeout(10_000)
  await expect(peer.open(`${BUCKET}0`, { makes: false, signal })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `no bucket ${BUCKET}0 in s3+segment://archive/`,
    hint: `there is ${BUCKET}`,
  })
  expect((await peer.open(`${BUCKET}0`, { makes: true, signal })).label).toBe(`s3+segment://archive/#${BUCKET}0`)
  expect(await peer.bucketsOf('Hawaii/Cola', new AbortController().signal)).toEqual([BUCKET, `${BUCKET}0`])
})
