import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Wire } from '../../src/link/client/wire.js'

test('requests that wait for a connection when all connections fail at once fail once, and harm nobody', async () => {
  const sockets = new Set<Socket>()
  let asked = 0
  const server = createServer((request) => {
    request.resume()
    asked++
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const wire = new Wire({ secure: false, host: '127.0.0.1', port, fingerprint: undefined }, 2)
  onTestFinished(() => wire.close())
  const send = (): Promise<unknown> =>
    wire.send({
      op: 'any',
      headers: {},
      pieces: [Buffer.from('x')],
      bytesMax: 1024,
      waitMs: 0,
      isPoll: false,
      signal: undefined,
    })
  const first = [send(), send()]
  while (asked < 2) await delay(5)
  const sent = [...first, send()]
  const settled = Promise.allSettled(sent)
  // By then the third waits for a connection.
  await delay(50)
  server.close()
  for (const socket of sockets) socket.resetAndDestroy()
  expect(await settled).toMatchObject(sent.map(() => ({ status: 'rejected', reason: { code: 'UNREACHABLE' } })))
  // What is thrown where nobody listens makes the run of tests fail.
  await delay(200)
})
