import { expect, test } from 'vitest'
import { openRemote } from '../../src/endpoints/remote/bucket.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { type BucketNews, pollChanges } from '../../src/link/client/poll.js'
import type { BucketRef } from '../../src/link/protocol/ops.js'
import { mint } from '../../src/model/manifest.js'
import type { Position } from '../../src/model/position.js'
import { done, inlineFile } from '../contracts/samples.js'
import type { LiveSegment } from '../fakes/live-segment.js'
import { connect, PATH, serve, US } from './links.js'

const LONG_MS = 25_000

const ref = (at: LiveSegment, path = PATH): BucketRef => ({ path, uid: at.bucket(path).uid })
const now = (at: LiveSegment, path = PATH): Promise<Position> => at.bucket(path).source.position()

const write = (at: LiveSegment, key: string, path = PATH) =>
  at.bucket(path).sink.publish([done(key, inlineFile(key))], { overwrite: true })

const keysOf = (news: BucketNews | undefined): string[] =>
  news?.kind === 'page' ? news.page.refs.map(({ key }) => key) : [`${news?.kind}`]

/** Both: something waits, and asks over another connection meanwhile. */
async function polled(at: LiveSegment): Promise<void> {
  await expect.poll(() => at.listeners).toBe(1)
}

test('what is there is told at once; then the poll waits, and a change wakes it', async () => {
  const { at, port } = await serve()
  const client = await connect(port, { connections: 1 })
  const start = await now(at)
  await write(at, 'a')
  const [first] = await pollChanges(client, [{ bucket: ref(at), since: start }], { without: US, waitMs: LONG_MS })
  expect(keysOf(first)).toEqual(['a'])
  const since = first?.kind === 'page' ? first.page.upTo : start
  const waiting = pollChanges(client, [{ bucket: ref(at), since }], { without: US, waitMs: LONG_MS })
  await polled(at)
  const bucket = await openRemote(client, PATH, { need: 'write' })
  await bucket.sink.publish([done('b', inlineFile('b'))], { overwrite: true })
  expect(keysOf((await waiting)[0])).toEqual(['b'])
  await expect.poll(() => at.listeners).toBe(0)
})

test('one poll for many buckets: one wakes it, each has its answer in order', async () => {
  const { at, host, port } = await serve()
  const client = await connect(port)
  const paths = ['Hawaii/Cola/b0', 'Hawaii/Cola/b1', 'Hawaii/Cola/b2', 'Hawaii/Cola/b3', 'Hawaii/Cola/b4']
  for (const path of paths) at.make(path)
  const watches = await Promise.all(paths.map(async (path) => ({ bucket: ref(at, path), since: await now(at, path) })))
  const [b0, b1, b2, b3] = watches
  if (!b0 || !b1 || !b2 || !b3) throw new Error('no buckets')
  host.sending.add(b1.bucket.uid)
  const waiting = pollChanges(client, watches, { without: US, waitMs: LONG_MS })
  await polled(at)
  await write(at, 'not told', 'Hawaii/Cola/b1')
  await write(at, 'told', 'Hawaii/Cola/b4')
  const news = await waiting
  expect(news.map(({ kind }) => kind)).toEqual(['page', 'sent', 'page', 'page', 'page'])
  expect(keysOf(news[4])).toEqual(['told'])
  await at.segment.names.drop('Hawaii/Cola/b2')
  const ahead = { ...b3, since: { ...b3.since, sequence: 9 } }
  const again = await pollChanges(client, [b0, b2, ahead], { without: US, waitMs: LONG_MS })
  expect(again.map(({ kind }) => kind)).toEqual(['page', 'failed', 'plan'])
  expect(again[1]?.kind === 'failed' && again[1].error.code).toBe('NOT_FOUND')
})

test('without news it is answered after its time, with the position after what is not told', async () => {
  const { at, port } = await serve()
  const client = await connect(port)
  const since = await now(at)
  const manifest = mint(inlineFile('ours'), [], US, 1000)
  const ours = { id: encodeManifest(manifest).id, manifest }
  await at.bucket(PATH).sink.take([done('ours', ours)], { by: US })
  const [news] = await pollChanges(client, [{ bucket: ref(at), since }], { without: US, waitMs: 50 })
  expect(keysOf(news)).toEqual([])
  expect(news?.kind === 'page' && news.page.upTo).toEqual(await now(at))
})

test('what is not told is moved over as soon as it is quiet, so that nobody has to ask for it again', async () => {
  const { at, port } = await serve()
  const client = await connect(port)
  const waiting = pollChanges(client, [{ bucket: ref(at), since: await now(at) }], { without: US, waitMs: LONG_MS })
  await polled(at)
  const manifest = mint(inlineFile('ours'), [], US, 1000)
  const ours = { id: encodeManifest(manifest).id, manifest }
  await at.bucket(PATH).sink.take([done('ours', ours)], { by: US })
  const [news] = await waiting
  expect(keysOf(news)).toEqual([])
  expect(news?.kind === 'page' && news.page.upTo).toEqual(await now(at))
})

test('a bucket that fails in a way that nobody wrote for people is told to the own log, and the others go on', async () => {
  const { at, host, port, faults } = await serve()
  const client = await connect(port)
  const watch = { bucket: ref(at), since: await now(at) }
  const broken = new TypeError('secret detail at /srv/b/index.mdb')
  host.opening = () => Promise.reject(broken)
  const [news] = await pollChanges(client, [watch], { without: US, waitMs: LONG_MS })
  expect(news?.kind === 'failed' && news.error.hint).toBe('its log says why')
  expect(faults).toEqual([broken])
  await at.segment.names.drop(PATH)
  host.opening = () => Promise.resolve()
  await pollChanges(client, [watch], { without: US, waitMs: LONG_MS })
  expect(faults).toEqual([broken])
})

test('who goes away is not listened for any more', async () => {
  const { at, host, port } = await serve()
  const client = await connect(port)
  const since = await now(at)
  const stop = new AbortController()
  const options = { without: US, waitMs: LONG_MS, signal: stop.signal }
  const waiting = pollChanges(client, [{ bucket: ref(at), since }], options)
  const ended = expect(waiting).rejects.toThrow('enough')
  await polled(at)
  stop.abort(new Error('enough'))
  await ended
  await expect.poll(() => at.listeners).toBe(0)
  expect(host.guests).toBe(1)
})

test('a gateway that is stopped ends the polls of its peers', async () => {
  const { at, host, port, close, faults } = await serve()
  const client = await connect(port)
  const waiting = pollChanges(client, [{ bucket: ref(at), since: await now(at) }], { without: US, waitMs: LONG_MS })
  const ended = expect(waiting).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await polled(at)
  await close()
  await ended
  expect(at.listeners).toBe(0)
  expect(host.guests).toBe(0)
  expect(faults).toEqual([])
})

test('a gateway stops though its host never answers', async () => {
  const { host, port, close } = await serve()
  const client = await connect(port)
  host.opening = () => new Promise(() => undefined)
  const hanging = expect(openRemote(client, PATH, { need: 'list' })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await expect.poll(() => host.opened).toBe(1)
  await close()
  await hanging
  expect(host.guests).toBe(0)
})
