import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { encodeBody } from '../../src/link/protocol/body.js'
import { OPS, SESSION_HEADER } from '../../src/link/protocol/ops.js'
import { BASIC, body, isWell, spoken } from './guests.js'
import { serve, US } from './links.js'
import { post, rawly } from './raw.js'

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
