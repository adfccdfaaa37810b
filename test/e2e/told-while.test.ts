import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Terminal } from '../cli/terminal.js'
import { Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'

/** A peer that is connected to and says nothing. */
async function silent(): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

test('who waits for a peer or a gateway at a terminal is told what for', async () => {
  const site = await Site.open({ TERM: 'xterm' })
  site.ok('bucket', 'create', BUCKET)
  site.ok('service', 'create', 'isgw', 'hawaii', '--local', site.address)
  await site.startGateway()
  process.kill(site.gatewayPid, 'SIGSTOP')
  const stopping = new Terminal(site, 'gateway', 'stop')
  await stopping.sees('stopping the gateway')
  process.kill(site.gatewayPid, 'SIGCONT')
  await stopping.sees('gateway stopped (pid ')
  expect(await stopping.status()).toBe(0)

  const remote = `ccow://127.0.0.1:${await silent()}`
  for (const words of [
    ['service', 'create', 'isgw', 'away', '--remote', remote],
    ['service', 'config', 'hawaii', 'X-ISGW-Remote', remote],
    ['bucket', 'attach', BUCKET, 'away'],
    ['service', 'serve', 'away', BUCKET],
  ]) {
    const asking = new Terminal(site, ...words)
    await asking.sees('asking the peer')
    await asking.sees('it did not answer within')
    expect(await asking.status(), words.join(' ')).toBe(0)
  }
})
