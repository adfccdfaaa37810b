import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { copyInto } from '../../base/copy.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { SpareBuffers } from '../../base/spare-buffers.js'
import type { Meter } from '../../model/link.js'
import { lengthOf } from '../protocol/body.js'
import { BODY_TYPE, OP_PATH } from '../protocol/ops.js'
import { notAGateway, unreachable } from './faults.js'
import { type LinkAgent, type Place, Sockets } from './sockets.js'

export interface Letter {
  readonly op: string
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: readonly Uint8Array[]
  /** Of the answer's body. */
  readonly bytesMax: number
  /** Beside how long the other side may wait by itself. */
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
  /** Whether it goes over the connection that is kept for long polls. */
  readonly isPoll: boolean
  /** What its bytes are counted for, beside the whole. */
  readonly account?: string
}

export interface Reply {
  readonly status: number
  readonly body: Buffer
}

type Bytes = Pick<Meter, 'bytesSent' | 'bytesReceived'>

/** What exchanges for one thing took; of those under way, what they took so far. */
class Account {
  requests = 0
  readonly #over = { bytesSent: 0, bytesReceived: 0 }
  readonly #underWay = new Set<Trip>()

  begin(trip: Trip): void {
    this.requests++
    this.#underWay.add(trip)
  }

  end(trip: Trip): void {
    if (!this.#underWay.delete(trip)) return
    const { bytesSent, bytesReceived } = trip.bytes
    this.#over.bytesSent += bytesSent
    this.#over.bytesReceived += bytesReceived
  }

  get bytes(): Bytes {
    const all = [this.#over, ...[...this.#underWay].map((trip) => trip.bytes)]
    const sum = (name: keyof Bytes): number => all.reduce((n, one) => n + one[name], 0)
    return { bytesSent: sum('bytesSent'), bytesReceived: sum('bytesReceived') }
  }
}

/**
 * That a module could not be loaded Node remembers for as long as the process lives, also where only too many files were open: who lives
 * long loads it at the start.
 */
export const loadWire = () => import('got')

/** Of the body either way: what is timed for `latencyMs`. */
const SMALL_BYTES = 4096

/** Requests to one place, over connections that are kept. */
export class Wire {
  readonly place: Place
  readonly #sockets: Sockets
  readonly #agents: { readonly calls: LinkAgent; readonly polls: LinkAgent }
  readonly #accounts = new Map<string, Account>()
  readonly #spare = new SpareBuffers(LIMITS.linkSpareBytes, LIMITS.linkSparesMax)
  #requests = 0
  #latencyMs = 0

  constructor(
    place: Place,
    connections: number,
    readonly stallMs: number = LIMITS.linkStallMsMax,
  ) {
    this.place = place
    this.#sockets = new Sockets(place, Math.min(stallMs, LIMITS.linkConnectMsMax))
    this.#agents = { calls: this.#sockets.agent(connections), polls: this.#sockets.agent(1) }
  }

  /** Of the certificate that was seen last. */
  get fingerprint(): string | undefined {
    return this.#sockets.seen
  }

  meter(): Meter {
    const { sent: bytesSent, received: bytesReceived } = this.#sockets.count()
    return { bytesSent, bytesReceived, requests: this.#requests, latencyMs: this.#latencyMs }
  }

  /** Of letters with that account; like `meter`, it has what is under way, so that the two can be set against each other. */
  meterOf(account: string): Bytes & Pick<Meter, 'requests'> {
    const { requests = 0, bytes = { bytesSent: 0, bytesReceived: 0 } } = this.#accounts.get(account) ?? {}
    return { ...bytes, requests }
  }

  /** A connection that the other side closed while it was idle is tried once more, as one that it never saw the request on. */
  async send(letter: Letter): Promise<Reply> {
    const first = await this.#exchange(letter)
    const last = first === 'stale' ? await this.#exchange(letter) : first
    if (last === 'stale') throw unreachable(this.place, new Error('the connection was closed'))
    return last
  }

  close(): void {
    for (const agents of Object.values(this.#agents)) for (const agent of Object.values(agents)) agent.destroy()
  }

  async #exchange(letter: Letter): Promise<Reply | 'stale'> {
    const { op, headers, pieces, signal, waitMs, isPoll } = letter
    const { got } = await loadWire()
    signal?.throwIfAborted()
    // Of its own: got listens for as long as the signal lives, and breaks a stream that has long ended.
    const stop = new AbortController()
    const onAbort = (): void => stop.abort()
    signal?.addEventListener('abort', onAbort)
    const sent = joined(pieces, this.#spare)
    const { secure, host, port } = this.place
    const agent = isPoll ? this.#agents.polls : this.#agents.calls
    const name = host.includes(':') ? `[${host}]` : host
    const stream = got.stream.post(`http${secure ? 's' : ''}://${name}:${port}${OP_PATH}${op}`, {
      headers: { ...headers, 'content-type': BODY_TYPE, 'user-agent': undefined, 'accept-encoding': undefined },
      body: sent,
      agent,
      timeout: { socket: this.stallMs + waitMs },
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
      decompress: false,
      signal: stop.signal,
    })
    const trip = new Trip(this.#sockets)
    const account = letter.account === undefined ? undefined : this.#accountOf(letter.account)
    account?.begin(trip)
    stream.on('request', (request) => {
      request.once('socket', (socket: Duplex) => trip.begin(socket, request.reusedSocket))
      // While connections fail, Node's agent tells a request that waits for one of each failure; got listens for the first, and another would end the process.
      request.on('error', () => undefined)
      // Before the connection is given to the next request, whose bytes are its own.
      request.once('response', (response: IncomingMessage) => response.once('end', () => trip.end()))
    })
    let status = 0
    stream.once('response', (response) => {
      status = response.statusCode
      trip.type = `${response.headers['content-type']}`
    })
    this.#requests++
    try {
      const body = await this.#collect(stream, letter.bytesMax)
      if (trip.type !== BODY_TYPE) throw notAGateway(this.place)
      // Who answers so has read it to its end.
      if (status === 200) this.#spare.give(sent)
      if (!isPoll && lengthOf(pieces) <= SMALL_BYTES && body.length <= SMALL_BYTES) this.#latencyMs = trip.ms
      return { status, body }
    } catch (error) {
      signal?.throwIfAborted()
      if (status === 0 && trip.isStale(error)) return 'stale'
      throw error instanceof EfsError ? error : unreachable(this.place, error)
    } finally {
      account?.end(trip)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #accountOf(name: string): Account {
    const account = this.#accounts.get(name) ?? new Account()
    this.#accounts.set(name, account)
    return account
  }

  async #collect(stream: AsyncIterable<Uint8Array> & { destroy(): void }, bytesMax: number): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of stream) {
      length += piece.length
      if (length > bytesMax) throw new EfsError('FAILED', `the peer answered with more than ${bytesMax} bytes`)
      pieces.push(piece)
    }
    return Buffer.concat(pieces, length)
  }
}

function joined(pieces: readonly Uint8Array[], spare: SpareBuffers): Buffer {
  const all = spare.take(lengthOf(pieces))
  let end = 0
  for (const piece of pieces) {
    copyInto(all, end, piece)
    end += piece.length
  }
  return all
}

/** One request on its connection. */
class Trip {
  type = ''
  #socket: Duplex | undefined
  #reused = false
  #beganMs = 0
  #before = { sent: 0, received: 0 }
  #after: { readonly sent: number; readonly received: number } | undefined

  constructor(readonly sockets: Sockets) {}

  begin(socket: Duplex, reused: boolean): void {
    this.#socket = socket
    this.#reused = reused
    this.#beganMs = performance.now()
    this.#before = this.sockets.countOf(socket)
  }

  end(): void {
    if (this.#socket !== undefined) this.#after = this.sockets.countOf(this.#socket)
  }

  get ms(): number {
    return performance.now() - this.#beganMs
  }

  get bytes(): Bytes {
    const now = this.#after ?? (this.#socket === undefined ? this.#before : this.sockets.countOf(this.#socket))
    return {
      bytesSent: Math.max(0, now.sent - this.#before.sent),
      bytesReceived: Math.max(0, now.received - this.#before.received),
    }
  }

  isStale(error: unknown): boolean {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return this.#reused && (code === 'ECONNRESET' || code === 'EPIPE') && this.bytes.bytesReceived === 0
  }
}
