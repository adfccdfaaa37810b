import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { encodeCbor } from '../../src/format/cbor.js'
import type { Cbor } from '../../src/format/fields.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { encodeBody } from '../../src/link/protocol/body.js'
import { OPS, SESSION_HEADER } from '../../src/link/protocol/ops.js'
import { type Chunk, type ChunkRef, CODEC, hashedChunk, makeChunk } from '../../src/model/chunk.js'
import { mint } from '../../src/model/manifest.js'
import { inlineFile, leaf } from '../contracts/samples.js'
import { SECRET } from '../fakes/link-host.js'
import { connect, PATH, type Served, serve, US } from './links.js'
import { post, type RawAnswer, rawly } from './raw.js'

const BASIC = { authorization: `Basic ${Buffer.from(SECRET).toString('base64')}` }
const spoken = { from: 1, to: 1 }
const body = (message: Cbor, after: Uint8Array = Buffer.alloc(0)): Buffer => {
  const encoded = encodeCbor(message)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(encoded.length)
  return Buffer.concat([length, encoded, after])
}

/** A gateway with a session of ours, and what is asked in it. */
async function guest(options: Parameters<typeof serve>[0] = {}): Promise<{
  readonly served: Served
  readonly uid: Buffer
  readonly ask: (op: string, body: Uint8Array) => Promise<RawAnswer>
}> {
  const served = await serve(options)
  const hello = Buffer.concat(encodeBody(OPS.hello.request, { spoken, segment: US, agent: 'raw' }))
  const { text, status } = await rawly(served.port, post('hello', hello, BASIC))
  expect(status).toBe(200)
  const at = Buffer.from(text, 'latin1')
  const named = at.indexOf(encodeCbor('session')) + encodeCbor('session').length + 1
  const session = at.subarray(named, named + 16).toString('hex')
  const ask = (op: string, asked: Uint8Array) => rawly(served.port, post(op, asked, { [SESSION_HEADER]: session }))
  return { served, uid: Buffer.from(served.at.bucket(PATH).uid, 'hex'), ask }
}

/** It went on, and nothing of it was a fault. */
async function isWell({ port, faults }: Served): Promise<void> {
  const client = await connect(port)
  expect((await client.call(OPS.names, { path: '' })).message.names.length).toBe(1)
  expect(faults).toEqual([])
}

test('garbage instead of requests', async () => {
  const served = await serve()
  for (const garbage of [
    '\0'.repeat(100),
    'efs\r\n\r\n',
    `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    '\x16\x03',
  ]) {
    expect((await rawly(served.port, garbage, true)).status).not.toBe(200)
  }
  expect(await rawly(served.port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')).toMatchObject({
    status: 404,
    code: 'NOT_FOUND',
  })
  expect(await rawly(served.port, post('no-such', Buffer.alloc(0)))).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect(await rawly(served.port, post('__proto__', Buffer.alloc(0)))).toMatchObject({ status: 404 })
  await isWell(served)
})

test('who is not in is answered nothing, and may not send much', async () => {
  const served = await serve()
  for (const op of Object.keys(OPS).filter((name) => name !== 'hello' && name !== 'pair')) {
    expect(await rawly(served.port, post(op, body({})))).toMatchObject({ status: 401, code: 'REFUSED' })
    const guessed = { [SESSION_HEADER]: '00'.repeat(16) }
    expect(await rawly(served.port, post(op, body({}), guessed))).toMatchObject({ status: 401 })
  }
  const huge = { 'content-length': `${10 ** 14}` }
  for (const op of ['hello', 'pair', 'put']) {
    const { code, text } = await rawly(served.port, post(op, Buffer.alloc(10), huge))
    expect(['USAGE', 'REFUSED']).toContain(code)
    expect(text).toMatch(/connection: close/i)
  }
  const chunked = 'POST /efs/1/hello HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
  expect(await rawly(served.port, chunked)).toMatchObject({ status: 400, code: 'USAGE' })
  await isWell(served)
})

test('a protocol version that this gateway does not speak', async () => {
  const served = await serve()
  const said = async (from: number, to: number) =>
    rawly(
      served.port,
      post(
        'hello',
        Buffer.concat(encodeBody(OPS.hello.request, { spoken: { from, to }, segment: US, agent: '' })),
        BASIC,
      ),
    )
  expect(await said(2, 9)).toMatchObject({ status: 403, code: 'REFUSED' })
  expect(await said(0, 0)).toMatchObject({ status: 409, code: 'NEWER_FORMAT' })
  expect(await said(1, 9)).toMatchObject({ status: 200 })
  await isWell(served)
})

test('credentials that are none', async () => {
  const served = await serve()
  const hello = Buffer.concat(encodeBody(OPS.hello.request, { spoken, segment: US, agent: '' }))
  for (const authorization of ['Digest x', 'Basic', 'Basic !!!!', `Bearer ${'x'.repeat(5000)}`, 'Bearer a b', '']) {
    expect(await rawly(served.port, post('hello', hello, { authorization }))).toMatchObject({
      status: 403,
      code: 'REFUSED',
    })
  }
  expect(served.host.guests).toBe(0)
  expect(served.faults).toEqual([])
})

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
  expect(served.at.segment.chunks.all()).toEqual([])
  expect((await put(good)).status).toBe(200)
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

test('those who are slow with a head or a body are cut, and those who go away within one are forgotten', async () => {
  const served = await serve({ headMs: 100, stallMs: 100 })
  const hello = Buffer.concat(encodeBody(OPS.hello.request, { spoken, segment: US, agent: '' }))
  const whole = post('hello', hello, BASIC)
  for (const length of [0, 1, 30, whole.length - 1]) {
    expect((await rawly(served.port, whole.subarray(0, length))).status).not.toBe(200)
    expect((await rawly(served.port, whole.subarray(0, length), true)).status).not.toBe(200)
  }
  expect(served.host.knocks).toEqual([])
  await isWell(served)
})

test('a head that trickles does not hold a connection', async () => {
  const { port } = await serve({ headMs: 300 })
  const socket = net.connect(port, '127.0.0.1')
  const trickle = setInterval(() => socket.write('x'), 20)
  onTestFinished(() => clearInterval(trickle))
  socket.write('POST /efs/1/hello HTTP/1.1\r\nhost: ')
  socket.on('error', () => socket.destroy())
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
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
