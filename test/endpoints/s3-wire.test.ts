import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { follower } from '../../src/base/signals.js'
import { type Reply, ReplyReader } from '../../src/endpoints/s3/reply.js'
import { Wire } from '../../src/endpoints/s3/wire.js'
import { noise } from '../chunker/bytes.js'

const GOOD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "e"\r\n\r\nhello'

function read(text: string, step = text.length): Reply | undefined {
  const reader = new ReplyReader((length) => Buffer.alloc(length))
  const bytes = Buffer.from(text, 'latin1')
  let answer: Reply | undefined
  for (let at = 0; at < bytes.length; at += step) answer = reader.take(Buffer.from(bytes.subarray(at, at + step)))
  return answer
}

describe('an answer', () => {
  test.each([1, 2, 7, GOOD.length])('is the same in pieces of %i bytes', (step) => {
    const answer = read(GOOD, step)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '5', etag: '"e"' }, isLast: false })
    expect(answer?.body.toString()).toBe('hello')
  })

  test('that is not whole is none yet', () => expect(read(GOOD.slice(0, -1))).toBeUndefined())

  test('is the same where its bytes were put into their place', () => {
    const reader = new ReplyReader((length) => Buffer.alloc(length))
    expect(reader.place).toBeUndefined()
    reader.take(Buffer.from(GOOD.slice(0, -3)))
    const put = (text: string): Reply | undefined => {
      const place = reader.place ?? Buffer.alloc(0)
      return reader.take(place.subarray(0, place.write(text)))
    }
    expect(put('ll')).toBeUndefined()
    expect(put('o')?.body.toString()).toBe('hello')
    expect(reader.place).toHaveLength(0)
  })

  test('of another status has no body, and is the last of its connection', () => {
    const answer = read('HTTP/1.1 503 Slow Down\r\nContent-Length: 9\r\n\r\n')
    expect(answer).toMatchObject({ status: 503, isLast: true })
    expect(answer?.body).toHaveLength(0)
  })

  test.each([GOOD.replace('ETag: "e"', 'Connection: close'), GOOD.replace('1.1', '1.0')])(
    'tells where it is the last one (%#)',
    (text) => expect(read(text)?.isLast).toBe(true),
  )

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['two lengths', GOOD.replace('ETag', 'Content-Length')],
    ['a length that is no number', GOOD.replace('5', '0x5')],
    ['pieces', GOOD.replace('ETag: "e"', 'Transfer-Encoding: chunked')],
    ['a line that is no header', GOOD.replace('ETag:', 'ETag')],
    ['more than its length', `${GOOD}!`],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(LIMITS.s3HeadBytesMax)}`],
  ])('with %s is refused', (_, text) => expect(() => read(text)).toThrow())
})

describe('a wire', () => {
  let server: http.Server
  let wire: Wire
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    server = http.createServer((request, response) => {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        const body = Buffer.concat(pieces)
        if (request.url === '/cut')
          return void response.writeHead(200, { 'content-length': 9 }).write('cut', () => response.destroy())
        if (request.url === '/never') return
        response.writeHead(200, { 'content-length': body.length }).end(body)
      })
    })
    server.on('connection', (socket) => sockets.add(socket))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    wire = new Wire({ secure: false, host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  })
  afterEach(async () => {
    wire.close()
    server.closeAllConnections()
    sockets.clear()
    await new Promise((resolve) => server.close(resolve))
  })

  const send = (path: string, body: Buffer, signal?: AbortSignal): Promise<Reply> =>
    wire.send({
      head: `PUT ${path} HTTP/1.1\r\nHost: here\r\nContent-Length: ${body.length}\r\n\r\n`,
      body,
      room: (length) => Buffer.alloc(length),
      signal,
    })

  test('brings bodies there and back, one after the other over one connection', async () => {
    for (const bytes of [3_000_000, 0, 1]) {
      const body = noise(bytes, bytes)
      expect((await send('/echo', body)).body.equals(body)).toBe(true)
    }
    expect(sockets.size).toBe(1)
  })

  test('has no more connections than it may, and serves all', async () => {
    const all = Array.from({ length: 3 * LIMITS.s3RequestsMax }, (_, i) => send('/echo', Buffer.from(`${i}`)))
    expect((await Promise.all(all)).map(({ body }) => body.toString())).toEqual(all.map((_, i) => `${i}`))
    expect(sockets.size).toBeLessThanOrEqual(LIMITS.s3RequestsMax)
  })

  test('fails with what was cut short, and goes on over another connection', async () => {
    await expect(send('/cut', Buffer.from('x'))).rejects.toThrow()
    expect((await send('/echo', Buffer.from('x'))).body.toString()).toBe('x')
  })

  test('ends a request that was aborted, and the ones behind it go on', async () => {
    const { stop } = follower()
    const hung = Array.from({ length: LIMITS.s3RequestsMax }, () => send('/never', Buffer.from('x'), stop.signal))
    const next = send('/echo', Buffer.from('x'))
    stop.abort()
    for (const { status } of await Promise.allSettled(hung)) expect(status).toBe('rejected')
    expect((await next).body.toString()).toBe('x')
  })
})
