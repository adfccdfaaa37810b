import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { certificateFingerprint } from '../fingerprint.js'

export interface Place {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** `sha256:` and 64 hex digits; where it is undefined, all certificates are taken, and told. */
  readonly fingerprint: string | undefined
}

export type LinkAgent = { readonly http: http.Agent } | { readonly https: https.Agent }

type OnSocket = (error: Error | null, socket?: Duplex) => void

/** The connections of one link: opens them, looks at the certificate before a byte is sent, counts what goes over them. */
export class Sockets {
  /** Of the certificate that was seen last. */
  seen: string | undefined
  readonly #place: Place
  readonly #open = new Map<Duplex, net.Socket>()
  /** What lies under each, also once it is closed. */
  readonly #raw = new WeakMap<Duplex, net.Socket>()
  readonly #closed = { sent: 0, received: 0 }

  constructor(
    place: Place,
    readonly connectMs: number = LIMITS.linkConnectMsMax,
  ) {
    this.#place = place
  }

  /** Keeps at most so many connections alive, and opens no more. */
  agent(connections: number): LinkAgent {
    const options = {
      keepAlive: true,
      maxSockets: connections,
      maxFreeSockets: connections,
      scheduling: 'lifo',
    } as const
    const createConnection = (_: unknown, onSocket: OnSocket): undefined => {
      this.#connected().then((socket) => onSocket(null, socket), onSocket)
    }
    return this.#place.secure
      ? { https: Object.assign(new https.Agent(options), { createConnection }) }
      : { http: Object.assign(new http.Agent(options), { createConnection }) }
  }

  /** Bytes above TCP, of all connections that there are and were. */
  count(): { readonly sent: number; readonly received: number } {
    let { sent, received } = this.#closed
    for (const raw of this.#open.values()) {
      sent += raw.bytesWritten
      received += raw.bytesRead
    }
    return { sent, received }
  }

  /** The same of one connection. */
  countOf(socket: Duplex): { readonly sent: number; readonly received: number } {
    const raw = this.#raw.get(socket)
    return { sent: raw?.bytesWritten ?? 0, received: raw?.bytesRead ?? 0 }
  }

  /** A connection that may be sent over, or its error; then it is closed. */
  async #connected(): Promise<Duplex> {
    const { host, port, secure } = this.#place
    const raw = net.connect({ host, port, noDelay: true })
    const socket = secure ? tls.connect({ socket: raw, rejectUnauthorized: false, ...serverName(host) }) : raw
    this.#open.set(socket, raw)
    this.#raw.set(socket, raw)
    socket.once('close', () => this.#forget(socket, raw))
    if (socket !== raw) raw.on('error', (error) => socket.destroy(error))
    const timer = setTimeout(() => socket.destroy(timeout(this.connectMs)), this.connectMs)
    try {
      await once(socket, secure ? 'secureConnect' : 'connect')
      if (socket instanceof tls.TLSSocket) this.#check(socket)
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** @throws REFUSED where the certificate is not the pinned one */
  #check(socket: tls.TLSSocket): void {
    const { raw } = socket.getPeerCertificate()
    this.seen = certificateFingerprint(raw)
    const { fingerprint } = this.#place
    if (fingerprint !== undefined && fingerprint !== this.seen) throw wrongCertificate(this.#place, this.seen)
  }

  #forget(socket: Duplex, raw: net.Socket): void {
    this.#open.delete(socket)
    this.#closed.sent += raw.bytesWritten
    this.#closed.received += raw.bytesRead
  }
}

/** A name is told to the server; an address may not be. */
const serverName = (host: string): { servername?: string } => (net.isIP(host) ? {} : { servername: host })

const timeout = (ms: number): Error => Object.assign(new Error(`no connection within ${ms} ms`), { code: 'ETIMEDOUT' })

const wrongCertificate = ({ host, port }: Place, seen: string): EfsError =>
  new EfsError('REFUSED', `the certificate of ${host}:${port} is not the one that was pinned`, {
    hint: `it has ${seen} now: pair again if that is meant`,
  })
