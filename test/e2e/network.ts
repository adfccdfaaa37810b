import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** The network between two gateways: it counts what goes over it, and can be cut, stalled and mended. Gone when the test ends. */
export class Network {
  /** Bytes of payload, from who connected and to him, of all connections that there were. */
  sent = 0
  received = 0
  connections = 0
  /** Told of each piece that somebody sent. */
  onPiece: () => void = () => undefined
  #isDown = false
  #isStalled = false
  readonly #sockets = new Set<Socket>()

  private constructor(
    readonly server: Server,
    /** Of 127.0.0.1. */
    readonly to: number,
  ) {}

  static async open(to: number): Promise<Network> {
    const network: Network = new Network(
      createServer((socket) => network.#accept(socket)),
      to,
    )
    network.server.listen(0, '127.0.0.1')
    await once(network.server, 'listening')
    onTestFinished(() => network.close())
    return network
  }

  get address(): string {
    const { port } = this.server.address() as AddressInfo
    return `127.0.0.1:${port}`
  }

  get bytes(): number {
    return this.sent + this.received
  }

  /** Whether something is connected through it. */
  get isUsed(): boolean {
    return this.#sockets.size > 0
  }

  /** Breaks all connections; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Breaks all connections, and takes no new ones until `mend`. */
  down(): void {
    this.#isDown = true
    this.cut()
  }

  /** Nothing moves, and nothing breaks, until `mend`. */
  stall(): void {
    this.#isStalled = true
    for (const socket of this.#sockets) socket.pause()
  }

  mend(): void {
    this.#isDown = false
    this.#isStalled = false
    for (const socket of this.#sockets) socket.resume()
  }

  close(): void {
    this.down()
    this.server.close()
  }

  #accept(near: Socket): void {
    if (this.#isDown) {
      near.resetAndDestroy()
      return
    }
    this.connections++
    const far = connect({ host: '127.0.0.1', port: this.to, noDelay: true })
    near.setNoDelay(true)
    this.#join(near, far, (bytes) => {
      this.sent += bytes
      this.onPiece()
    })
    this.#join(far, near, (bytes) => {
      this.received += bytes
    })
  }

  #join(from: Socket, to: Socket, count: (bytes: number) => void): void {
    this.#sockets.add(from)
    from.on('data', (piece: Buffer) => {
      count(piece.length)
      if (to.write(piece)) return
      from.pause()
      to.once('drain', () => {
        if (!this.#isStalled) from.resume()
      })
    })
    from.on('end', () => to.end())
    // The other end of a connection that broke breaks, too.
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroySoon()
    })
    if (this.#isStalled) from.pause()
  }
}
