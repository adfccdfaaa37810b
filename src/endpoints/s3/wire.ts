import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { LIMITS } from '../../base/limits.js'
import { type Reply, ReplyReader } from './reply.js'

export interface Place {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** As `S3Access`. */
  readonly authorities?: string | undefined
}

export interface Letter {
  /** From the method to the last header. */
  readonly head: string
  readonly body: Uint8Array | undefined
  /** Memory for the body of the answer. */
  readonly room: (length: number) => Buffer
  readonly signal: AbortSignal | undefined
}

/**
 * Requests to one server, over connections that are kept; at most LIMITS.s3RequestsMax at once. The socket
 * reads a body into the memory where it belongs: what Node's client makes of one, two pieces of new memory for each 64 KiB, costs
 * as much as its way here.
 */
export class Wire {
  readonly #place: Place
  readonly #idle: Line[] = []
  readonly #waiting: (() => void)[] = []
  #busy = 0
  #closed = false

  constructor(place: Place) {
    this.#place = place
  }

  /** @throws where there is no answer, or none that is understood */
  async send(letter: Letter): Promise<Reply> {
    if (this.#busy >= LIMITS.s3RequestsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#busy++
    let line: Line | undefined
    try {
      letter.signal?.throwIfAborted()
      line = this.#kept() ?? (await Line.open(this.#place, letter.signal))
      const answer = await line.exchange(letter)
      if (answer.isLast || this.#closed) line.close()
      else this.#idle.push(line)
      return answer
    } catch (error) {
      line?.close()
      throw error
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#busy--
      else next()
    }
  }

  /** Those that are in use end with their requests. */
  close(): void {
    this.#closed = true
    for (const line of this.#idle.splice(0)) line.close()
  }

  #kept(): Line | undefined {
    for (let line = this.#idle.pop(); line !== undefined; line = this.#idle.pop()) if (line.isOpen) return line
    return undefined
  }
}

interface Exchange {
  readonly reader: ReplyReader
  resolve(answer: Reply): void
  reject(error: unknown): void
}

/** One connection. Unused, it keeps no process alive. */
class Line {
  readonly #socket: net.Socket
  readonly #small = Buffer.allocUnsafeSlow(LIMITS.s3SocketBytes)
  /** What the socket reads into. */
  #memory: Buffer = this.#small
  #exchange: Exchange | undefined
  #error: Error | undefined

  private constructor({ host, port, secure, authorities: ca }: Place) {
    const buffer = (): Buffer => {
      const place = this.#exchange?.reader.place
      this.#memory = place !== undefined && place.length > 0 ? place : this.#small
      return this.#memory
    }
    const onread = { buffer, callback: (length: number) => this.#receive(this.#memory.subarray(0, length)) }
    const options = { host, port, onread, ...(net.isIP(host) ? {} : { servername: host }) }
    this.#socket = secure ? tls.connect({ ...options, ...(ca !== undefined && { ca }) }) : net.connect(options)
    this.#socket.setNoDelay(true)
    this.#socket.on('error', (error) => {
      this.#error = error
    })
    this.#socket.on('timeout', () => this.#socket.destroy(new Error('nothing moved')))
    this.#socket.on('close', () => this.#exchange?.reject(this.#error ?? new Error('the connection was closed')))
  }

  static async open(place: Place, signal: AbortSignal | undefined): Promise<Line> {
    const line = new Line(place)
    line.#socket.setTimeout(LIMITS.s3ConnectMsMax)
    try {
      await once(line.#socket, place.secure ? 'secureConnect' : 'connect', signal && { signal })
      return line
    } catch (error) {
      line.close()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#socket.writable && this.#socket.readable
  }

  exchange({ head, body, room, signal }: Letter): Promise<Reply> {
    const socket = this.#socket
    const onAbort = (): void => this.close()
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.ref()
    // What was handed over may leave unseen, from where the system or a proxy holds it.
    socket.setTimeout(LIMITS.s3StallMsMax + (body?.length ?? 0) / LIMITS.s3LeastBytesPerMs)
    return new Promise<Reply>((resolve, reject) => {
      this.#exchange = { reader: new ReplyReader(room), resolve, reject }
      socket.cork()
      socket.write(head, 'latin1')
      if (body !== undefined) socket.write(body)
      socket.uncork()
    }).finally(() => {
      this.#exchange = undefined
      signal?.removeEventListener('abort', onAbort)
      socket.setTimeout(0)
      socket.unref()
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Whether more is to be read. */
  #receive(bytes: Buffer): boolean {
    try {
      if (this.#exchange === undefined) throw new Error('bytes that nobody asked for')
      const answer = this.#exchange.reader.take(bytes)
      if (answer !== undefined) this.#exchange.resolve(answer)
      return true
    } catch (error) {
      this.#exchange?.reject(error)
      this.close()
      return false
    }
  }
}
