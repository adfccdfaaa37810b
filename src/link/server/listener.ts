import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { type HostPort, hostPortText } from '../../model/remote.js'

/** A key and a certificate, both as PEM. */
export interface TlsIdentity {
  readonly key: string
  readonly cert: string
}

export interface ListenOptions {
  /** Until the head of a request is here. */
  readonly headMs: number
  /** Until something moves on a connection while something should. */
  readonly stallMs: number
  /** Told of what befalls the listening socket itself. */
  readonly onFault: (error: unknown) => void
}

export type OnRequest = (request: http.IncomingMessage, response: http.ServerResponse, secure: boolean) => void

export interface Listening {
  readonly address: string
  readonly port: number
  /** Takes no more connections, and cuts those that there are. */
  close(): Promise<void>
}

/** The first byte of every TLS connection: a handshake record. */
const TLS_FIRST_BYTE = 0x16
const HEADERS_MAX = 50

/**
 * One port for plain and encrypted connections: the first byte tells. Without `tls`, encrypted ones are cut.
 * @throws USAGE where the address cannot be listened on, REFUSED where that is not allowed
 */
export async function listenOn(
  at: HostPort,
  tls: TlsIdentity | undefined,
  options: ListenOptions,
  onRequest: OnRequest,
): Promise<Listening> {
  const plain = tuned(http.createServer(httpOptions(options)), options, (q, a) => onRequest(q, a, false))
  const secure =
    tls &&
    tuned(https.createServer({ ...tls, ...httpOptions(options), handshakeTimeout: options.headMs }), options, (q, a) =>
      onRequest(q, a, true),
    )
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // What a connection breaks with is told to the request that it breaks; before and between requests nobody is concerned.
    socket.on('error', () => socket.destroy())
    handOver(socket, options, plain, secure)
  })
  server.maxConnections = LIMITS.linkSocketsMax
  await bound(server, at)
  server.on('error', options.onFault)
  const { address, port } = server.address() as net.AddressInfo
  return {
    address,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
        plain.close()
        secure?.close()
      }),
  }
}

const httpOptions = ({ headMs }: ListenOptions): http.ServerOptions => ({
  maxHeaderSize: LIMITS.linkHeadBytesMax,
  headersTimeout: headMs,
  requestTimeout: LIMITS.linkAnswerMsMax,
  connectionsCheckingInterval: Math.min(headMs, 1000),
})

function tuned<S extends http.Server | https.Server>(
  server: S,
  { stallMs }: ListenOptions,
  listener: http.RequestListener,
): S {
  server.maxHeadersCount = HEADERS_MAX
  server.timeout = stallMs
  server.keepAliveTimeout = LIMITS.linkIdleMsMax
  server.on('request', listener)
  if (server instanceof https.Server) {
    // As above: who breaks off a handshake has asked for nothing.
    server.on('secureConnection', (socket) => socket.on('error', () => socket.destroy()))
    server.on('tlsClientError', (_error, socket) => socket.destroy())
  }
  // It is handed its connections and never listens itself, but only this event starts its watch over slow heads.
  server.emit('listening')
  return server
}

function handOver(
  socket: net.Socket,
  { headMs }: ListenOptions,
  plain: http.Server,
  secure: https.Server | undefined,
): void {
  const late = setTimeout(() => socket.destroy(), headMs)
  socket.once('close', () => clearTimeout(late))
  socket.once('data', (first: Buffer) => {
    clearTimeout(late)
    socket.pause()
    socket.unshift(first)
    const isTls = first[0] === TLS_FIRST_BYTE
    if (isTls && secure === undefined) {
      socket.destroy()
      return
    }
    const server = isTls && secure !== undefined ? secure : plain
    server.emit('connection', socket)
    process.nextTick(() => socket.resume())
  })
}

function bound(server: net.Server, at: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(at, cause)))
    server.listen({ host: at.host, port: at.port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function notListening(at: HostPort, cause: Error): EfsError {
  const place = hostPortText(at)
  switch (systemCode(cause)) {
    case 'EADDRINUSE':
      return new EfsError('EXISTS', `something listens on ${place} already`, { hint: 'use another port', cause })
    case 'EACCES':
      return new EfsError('REFUSED', `no right to listen on ${place}`, { hint: 'use a port from 1024 on', cause })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new EfsError('USAGE', `${at.host} is no address of this machine`, { hint: 'use one of its own', cause })
    default:
      return new EfsError('IO', `cannot listen on ${place}: ${cause.message}`, { cause })
  }
}
