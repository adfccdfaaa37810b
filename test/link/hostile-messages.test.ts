import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import type { Cbor } from '../../src/format/cbor.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { encodePosition } from '../../src/format/position.js'
import { encodeBody } from '../../src/link/protocol/body.js'
import { OPS } from '../../src/link/protocol/ops.js'
import { type Chunk, type ChunkRef, CODEC, hashedChunk, makeChunk } from '../../src/model/chunk.js'
import { mint } from '../../src/model/manifest.js'
import { inlineFile, leaf } from '../contracts/samples.js'
import { body, guest, isWell } from './guests.js'
import { connect, PATH, serve, US } from './links.js'

test('messages that are none', async () => {
  const { served, uid, ask } = await guest()
  const bucket = { path: PATH, uid }
  const deep = Buffer.concat([Buffer.from([0, 0, 0x27, 0x10]), Buffer.alloc(10_000, 0x81)])
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['names', Buffer.alloc(0)],
    ['names', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xa0])],
    ['names', Buffer.from([0, 0, 0, 1, 0x9f])],
    ['names', Buffer.from([0, 0, 0, 5, 0x9a, 0xff, 0xff, 0xff, 0xff])],
    ['names', deep],
    ['names', body([])],
    ['names', body({ path: 7 })],
    ['names', body({ path: 'x'.repeat(10_000) })],
    ['list', body({ bucket: { path: PATH, uid: Buffer.alloc(15) }, deleted: false })],
    ['missing', body({ bucket, refs: Buffer.alloc(36) })],
    ['missing', body({ bucket, refs: Buffer.alloc(37) })],
    ['missing', body({ bucket, refs: Buffer.alloc(37 * (LIMITS.missingRefsMax + 1), 1) })],
    ['versions', body({ bucket, refs: Array.from({ length: LIMITS.parcelObjectsMax + 1 }, () => null) })],
    ['versions', body({ bucket, refs: [['a', 9]] })],
    ['position', body({ bucket: null })],
    ['changes', body({ buckets: [{ bucket, since: Buffer.alloc(27) }], without: uid, waitMs: 0 })],
    ['changes', body({ buckets: [], without: uid, waitMs: -1 })],
    ['digest', body({ bucket, cells: 'all' })],
    ['make', body({ path: 'x', parents: true, settings: { unknown: 1 } })],
    ...[0, 1, 8191, 8 * 1024 * 1024, 100_000].map(
      (chunkSize) => ['make', body({ path: 'x', parents: true, settings: { chunkSize } })] as const,
    ),
    ['make', body({ path: 'x', parents: true, settings: { numberOfVersions: 0 } })],
    ['make', body({ path: 'x', parents: true, settings: { options: [['a', 'b'.repeat(20_000)]] } })],
    ['publish', body({ bucket, done: [['a', null, Buffer.alloc(10)]], overwrite: true })],
  ]
  for (const [op, asked] of cases) {
    const { code, text } = await ask(op, asked)
    expect([op, code]).toEqual([op, 'USAGE'])
    expect(text).not.toMatch(/node:|\.js|\n *at /)
  }
  await isWell(served)
})

test('no guest sees or moves how far the sources of another segment have come', async () => {
  const { served, uid, ask } = await guest()
  const bucket = { path: PATH, uid }
  const { sink, source } = served.at.bucket(PATH)
  const position = await source.position()
  for (const begins of [`live:${'0'.repeat(32)}:`, 'mirror:', '']) {
    const name = `${begins}any`
    const before = { position: { ...position, sequence: 1 } }
    await sink.take([], { by: US, move: { name, from: undefined, to: before, parked: [] } })
    const moving = {
      name,
      from: { position: encodePosition(before.position) },
      to: { position: encodePosition(position) },
    }
    expect((await ask('take', body({ bucket, done: [], move: { ...moving, parked: [] } }))).status).toBe(200)
    expect(await sink.checkpoint(name)).toEqual(before)
    expect((await ask('checkpoint', body({ bucket, name }))).text).not.toContain('position')
  }
  await isWell(served)
})

test('keys and versions that break the rules', async () => {
  const { served, uid, ask } = await guest()
  const bucket = { path: PATH, uid }
  const draft = { ...inlineFile('x'), stamp: { time: 0, segment: US }, vector: { [US]: 0 }, parents: [] }
  const stamped = encodeManifest(mint(inlineFile('x'), [], US, 1000))
  const publish = (key: string, id: Cbor, manifest: Uint8Array) =>
    ask('publish', body({ bucket, done: [[key, id, manifest]], overwrite: true }))
  for (const key of ['../x', 'a/../b', '', 'a\0b', 'k'.repeat(1025), '.']) {
    expect(await publish(key, Buffer.from(stamped.id, 'hex'), stamped.bytes)).toMatchObject({ code: 'BAD_KEY' })
  }
  expect((await publish('a', Buffer.alloc(32), stamped.bytes)).code).toBe('USAGE')
  expect((await publish('a', null, stamped.bytes)).code).toBe('USAGE')
  expect((await publish('a', null, encodeManifest(draft).bytes)).code).toBe('USAGE')
  expect((await publish('a', Buffer.from(stamped.id, 'hex'), Buffer.concat([stamped.bytes, stamped.bytes]))).code).toBe(
    'USAGE',
  )
  expect((await ask('tips', body({ bucket, keys: ['ok', '..'] }))).code).toBe('BAD_KEY')
  expect(served.at.segment.versions.counters(served.at.bucket(PATH).uid).versions).toBe(0)
  await isWell(served)
})

const frames = (...chunks: Chunk[]): Buffer => Buffer.concat(encodeBody(OPS.leave.request, {}, chunks)).subarray(5)
const lie = (ref: ChunkRef, changes: Partial<ChunkRef>, codec: Chunk['codec'], data: Uint8Array): Chunk =>
  hashedChunk({ ...ref, ...changes }, codec, data, 0)

test('chunks that are not what they say', async () => {
  const { served, uid, ask } = await guest()
  const put = (after: Uint8Array) => ask('put', body({ bucket: { path: PATH, uid } }, after))
  const chunk = leaf('what it is')
  const zeros = makeChunk(Buffer.alloc(100_000), false, true)
  const corrupt = [
    lie(chunk.ref, {}, CODEC.plain, Buffer.from('what it am')),
    lie(chunk.ref, { size: 11 }, CODEC.plain, chunk.data),
    lie(leaf('\x01 no node').ref, { node: true }, CODEC.plain, leaf('\x01 no node').data),
    lie(chunk.ref, {}, CODEC.zstd, chunk.data),
    lie(zeros.ref, { size: 99_999 }, CODEC.zstd, zeros.data),
    lie(zeros.ref, {}, CODEC.zstd, Buffer.concat([zeros.data, zeros.data])),
  ]
  for (const one of corrupt) expect((await put(frames(one))).code).toBe('CORRUPT')
  // Not that a store is damaged, which nobody knows.
  expect((await put(frames(...corrupt.slice(0, 1)))).text).toContain('came over the link damaged')
  const good = frames(chunk)
  const bent = (at: number, value: number): Buffer => {
    const copy = Buffer.from(good)
    copy[at] = value
    return copy
  }
  const unreadable = [
    bent(0, 7),
    bent(1, 2),
    bent(3, 1),
    bent(4, 0xff),
    bent(8, 0x7f),
    bent(7, 0),
    good.subarray(0, 43),
  ]
  for (const one of [...unreadable, good.subarray(0, good.length - 1), Buffer.alloc(1)]) {
    expect((await put(one)).code).toBe('USAGE')
  }
  const tiny = Array.from({ length: LIMITS.missingRefsMax + 1 }, () => good)
  expect((await put(Buffer.concat(tiny))).code).toBe('USAGE')
  expect(served.at.segment.chunks.all()).toEqual([])
  expect((await put(good)).status).toBe(200)
  await isWell(served)
})

test('chunks that take little and would be much are taken one at a time', async () => {
  const { served, uid, ask } = await guest()
  const put = (after: Uint8Array) => ask('put', body({ bucket: { path: PATH, uid } }, after))
  const zeros = (size: number, of = 0): Chunk => makeChunk(Buffer.alloc(size, of), false, true)
  const [all, half] = [LIMITS.chunkBytesMax, LIMITS.parcelBytesMax / 2]
  expect((await put(frames(zeros(all), zeros(1)))).code).toBe('USAGE')
  expect((await put(frames(zeros(half), zeros(half, 1), zeros(1)))).code).toBe('USAGE')
  expect(served.at.segment.chunks.all()).toEqual([])
  expect((await put(frames(zeros(half), zeros(half, 1)))).status).toBe(200)
  expect((await put(frames(zeros(all)))).status).toBe(200)
  await isWell(served)
})

test('more than a body may hold is not read', async () => {
  const { served, ask } = await guest()
  const many = { put: LIMITS.linkBodyBytesMax + 1, list: LIMITS.linkMessageBytesMax + 1 }
  for (const [op, bytes] of Object.entries(many)) {
    expect(await ask(op, Buffer.alloc(bytes))).toMatchObject({ status: 400, code: 'USAGE' })
  }
  await isWell(served)
})

test('a host that fails in a way that nobody wrote for people tells its own log, and not the peer', async () => {
  const { host, port, faults } = await serve()
  const client = await connect(port)
  const broken = new TypeError('secret detail at /srv/b/index.mdb')
  host.opening = () => Promise.reject(broken)
  const failed = client.call(OPS.open, { path: PATH, need: 'list' })
  await expect(failed).rejects.toMatchObject({ code: 'FAILED', message: 'the peer failed at this request' })
  expect(faults).toEqual([broken])
})
