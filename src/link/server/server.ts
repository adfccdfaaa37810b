import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../base/clock.js'
import { EfsError, ERRORS } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { Room } from '../../base/room.js'
import { SpareBuffers } from '../../base/spare-buffers.js'
import type { LinkHost } from '../../model/link.js'
import { type HostPort, hostPortText } from '../../model/remote.js'
import { encodeBody } from '../protocol/body.js'
import { failureOf, isFault } from '../protocol/failure.js'
import {
  failure,
  isKnock,
  isOp,
  type Knock,
  NO_SESSION,
  OP_PATH,
  type OpName,
  SESSION_HEADER,
} from '../protocol/ops.js'
import { declaredLength, readBody, send } from './body.js'
import { Brakes } from './brakes.js'
import { Door } from './door.js'
import { type Listening, listenOn, type TlsIdentity } from './listener.js'
import { ROUTES } from './routes.js'
import { type Session, Sessions } from './sessions.js'

export interface LinkServerOptions {
  readonly host: LinkHost
  /** Without it, encrypted connections are cut. */
  readonly tls?: TlsIdentity
  /** What answers, as peers are told: `efs 0.2.0`. */
  readonly agent: string
  readonly clock: Clock
  /** Told of what is no refusal in words; nothing of it crosses the wire. */
  readonly onFault: (error: unknown) => void
  readonly headMs?: number
  readonly stallMs?: number
  readonly idleMs?: number
}

export interface LinkServer {
  /** @throws EXISTS, USAGE, REFUSED, IO where that address cannot be listened on */
  listen(at: HostPort): Promise<Listening>
}

/** The serving end of links. One server may listen at several addresses; closing one of them ends the sessions begun there. */
export function createLinkServer(options: LinkServerOptions): LinkServer {
  const brakes = new Brakes()
  const room = new Room(LIMITS.linkBodiesBytesMax)
  return { listen: (at) => new Listener(options, brakes, room).listen(at) }
}

class Listener {
  readonly #options: LinkServerOptions
  readonly #room: Room
  readonly #spare = new SpareBuffers(LIMITS.linkSpareBytes, LIMITS.linkSparesMax)
  readonly #sessions: Sessions
  readonly #door: Door
  /** Of each request under way, what stops it. */
  readonly #stops = new Set<AbortController>()
  readonly #running = new Set<Promise<void>>()
  #listener = ''

  constructor(options: LinkServerOptions, brakes: Brakes, room: Room) {
    this.#options = options
    this.#room = room
    this.#sessions = new Sessions(options.idleMs ?? LIMITS.linkIdleMsMax)
    this.#door = new Door(options.host, options.agent, this.#sessions, brakes, options.clock)
  }

  async listen(at: HostPort): Promise<Listening> {
    const { headMs = LIMITS.linkHeadMsMax, stallMs = LIMITS.linkStallMsMax, tls, onFault } = this.#options
    const listening = await listenOn(at, tls, { headMs, stallMs, onFault }, (request, response, secure) => {
      const running: Promise<void> = this.#serve(request, response, secure)
        .catch(onFault)
        .finally(() => this.#running.delete(running))
      this.#running.add(running)
    })
    this.#listener = hostPortText({ host: at.host, port: listening.port })
    return { ...listening, close: () => this.#close(listening) }
  }

  /** What runs is told to stop, and is given a moment to say so. */
  async #close(listening: Listening): Promise<void> {
    const why = new EfsError('UNREACHABLE', 'the peer is being stopped', { hint: 'try again later' })
    for (const stop of this.#stops) stop.abort(why)
    this.#sessions.endAll()
    await Promise.race([Promise.allSettled(this.#running), sleep(LIMITS.linkCloseMsMax, undefined, { ref: false })])
    await listening.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse, secure: boolean): Promise<void> {
    const { stallMs = LIMITS.linkStallMsMax } = this.#options
    const stop = new AbortController()
    this.#stops.add(stop)
    response.on('close', () => {
      this.#stops.delete(stop)
      if (!response.writableFinished) stop.abort(new EfsError('UNREACHABLE', 'the peer went away'))
    })
    // A response that cannot be written ends with `close`, which is listened for.
    response.on('error', () => undefined)
    const { status, pieces, isLast } = await this.#answer(request, secure, stop)
    request.socket.setTimeout(stallMs)
    // What was not read of a refused body is not waited for.
    const ends = isLast || !request.complete
    if (ends) response.setHeader('connection', 'close')
    await send(response, status, pieces)
    if (ends) request.socket.destroySoon()
  }

  async #answer(request: IncomingMessage, secure: boolean, stop: AbortController): Promise<Reply> {
    let isIn = false
    try {
      const op = opOf(request)
      if (isKnock(op))
        return { status: 200, pieces: await this.#knock(op, request, secure, stop.signal), isLast: false }
      const id = request.headers[SESSION_HEADER]
      const session = this.#sessions.find(typeof id === 'string' ? id : undefined, secure)
      if (session === undefined) return noSession()
      isIn = true
      const pieces = await this.#sessions.during(session, stop, () => this.#run(op, request, session, stop.signal))
      return { status: 200, pieces, isLast: false }
    } catch (error) {
      if (isFault(error)) this.#options.onFault(error)
      const { status } = ERRORS[error instanceof EfsError ? error.code : 'FAILED']
      return { status, pieces: encodeBody(failure, failureOf(error)), isLast: !isIn }
    }
  }

  async #knock(op: Knock, request: IncomingMessage, secure: boolean, signal: AbortSignal): Promise<Uint8Array[]> {
    const body = await readBody(request, Buffer.alloc(declaredLength(request, LIMITS.linkKnockBytesMax)))
    request.socket.setTimeout(0)
    // A socket that takes both families tells IPv4 addresses in the form of the other one.
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
    const knocking = { secure, address, listener: this.#listener, authorization: request.headers.authorization, signal }
    return op === 'pair' ? this.#door.pair(body, knocking) : this.#door.hello(body, knocking)
  }

  async #run(
    op: Exclude<OpName, Knock>,
    request: IncomingMessage,
    session: Session,
    signal: AbortSignal,
  ): Promise<Uint8Array[]> {
    const length = declaredLength(request, op === 'put' ? LIMITS.linkBodyBytesMax : LIMITS.linkMessageBytesMax)
    const release = await this.#room.enter(length, signal)
    try {
      const body = await readBody(request, this.#spare.take(length))
      request.socket.setTimeout(0)
      if (op === 'leave') return this.#door.leave(session)
      const answer = await ROUTES[op](body, { guest: session.guest, signal, onFault: this.#options.onFault })
      // The chunks of a put are in a file by now; what other requests brought may be looked at for longer.
      if (op === 'put') this.#spare.give(body)
      return answer
    } finally {
      release()
    }
  }
}

interface Reply {
  readonly status: number
  readonly pieces: readonly Uint8Array[]
  /** The connection is closed after it: who is not in keeps none. */
  readonly isLast: boolean
}

function noSession(): Reply {
  const error = new EfsError('REFUSED', 'no such session', { hint: 'say hello' })
  return { status: NO_SESSION, pieces: encodeBody(failure, failureOf(error)), isLast: true }
}

/** @throws NOT_FOUND */
function opOf({ method, url = '' }: IncomingMessage): OpName {
  const op = url.startsWith(OP_PATH) ? url.slice(OP_PATH.length) : ''
  if (method === 'POST' && isOp(op)) return op
  throw new EfsError('NOT_FOUND', 'this is an efs gateway, and it has no such request', {
    hint: 'reach it with efs, or see docs/link-protocol.md',
  })
}
