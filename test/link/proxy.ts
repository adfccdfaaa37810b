import net, { type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Proxy {
  readonly port: number
  /** Bytes from clients to the server, and back. */
  readonly count: { up: number; down: number }
  /** Connections are cut once so many bytes went that way on them. */
  readonly cutAfter: { up: number; down: number }
}

/** What stands between both ends: counts, and cuts. Gone when the test ends. */
export async function proxyTo(port: number): Promise<Proxy> {
  const count = { up: 0, down: 0 }
  const cutAfter = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY }
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    const inner = net.connect(port, '127.0.0.1')
    const pass = (from: net.Socket, to: net.Socket, way: 'up' | 'down'): void => {
      let gone = 0
      from.on('data', (bytes) => {
        gone += bytes.length
        count[way] += bytes.length
        if (gone < cutAfter[way]) to.write(bytes)
        else for (const socket of [client, inner]) socket.resetAndDestroy()
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => sockets.delete(from))
      sockets.add(from)
    }
    pass(client, inner, 'up')
    pass(inner, client, 'down')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, count, cutAfter }
}
