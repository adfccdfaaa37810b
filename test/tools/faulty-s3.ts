import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What is done to one request; nothing: it passes as it is. */
export interface Fault {
  /** Before it goes on, if it ever settles. */
  readonly first?: () => Promise<unknown>
  /** Answered with this instead. */
  readonly status?: number
  /** What S3 calls it, beside `status`. */
  readonly refusal?: string
  /** What it says of that, beside `refusal`. */
  readonly words?: string
  /** Answered with this document instead, made of the request's; undefined: it passes. */
  readonly answer?: (body: string) => Promise<{ readonly status: number; readonly text: string } | undefined>
  /** The server does its part, and its answer is lost with the connection. */
  readonly lost?: boolean
  /** Of the answer's body, so many bytes come; then the connection ends. */
  readonly cutAt?: number
  readonly delayMs?: number
  /** Another body; its length is told anew. */
  readonly body?: (body: Buffer) => Buffer
  readonly headers?: (headers: http.IncomingHttpHeaders) => http.IncomingHttpHeaders
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
  /** From 1, over all requests. */
  readonly number: number
  readonly isListing: boolean
  /** The server is to copy something of its own. */
  readonly isCopy: boolean
  /** Of its body, those that came so far. */
  bytes: number
}

/** A proxy in front of an S3 server that does to its answers what `fault` says. Signatures pass: the host stays as signed. */
export interface FaultyS3 {
  readonly endpoint: string
  fault: (asked: Asked) => Fault | undefined
  readonly asked: Asked[]
  end(): Promise<void>
}

export async function startFaultyS3(target: string): Promise<FaultyS3> {
  const { hostname, port } = new URL(target)
  const asked: Asked[] = []
  const proxy = { fault: (_: Asked): Fault | undefined => undefined }
  const agent = new http.Agent({ keepAlive: true })
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', target)
    const query = url.searchParams
    const one = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query,
      headers: request.headers,
      number: asked.length + 1,
      isListing: query.has('list-type'),
      isCopy: request.headers['x-amz-copy-source'] !== undefined,
      bytes: 0,
    }
    asked.push(one)
    const fault = proxy.fault(one) ?? {}
    if (fault.status !== undefined) {
      request.resume()
      const words = fault.words === undefined ? '' : `<Message>${fault.words}</Message>`
      const body = fault.refusal === undefined ? '' : `<Error><Code>${fault.refusal}</Code>${words}</Error>`
      request.on('end', () => response.writeHead(fault.status ?? 503).end(body))
      return
    }
    const { method, headers } = request
    const onward = http.request({ hostname, port, agent, method, headers, path: request.url }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () => {
        if (fault.lost) return void response.destroy()
        const whole = Buffer.concat(pieces)
        const body = fault.body?.(whole) ?? whole
        const { 'transfer-encoding': _, ...headers } = answer.headers
        const told = fault.headers?.(headers) ?? headers
        const length = request.method === 'HEAD' ? told['content-length'] : String(body.length)
        setTimeout(() => {
          response.writeHead(answer.statusCode ?? 500, {
            ...told,
            ...(length !== undefined && { 'content-length': length }),
          })
          if (fault.cutAt === undefined || request.method === 'HEAD') return void response.end(body)
          response.write(body.subarray(0, fault.cutAt), () => response.destroy())
        }, fault.delayMs ?? 0)
      })
    })
    onward.on('error', () => response.headersSent || response.destroy())
    request.on('data', (piece: Buffer) => {
      one.bytes += piece.length
    })
    request.pause()
    void (fault.first?.() ?? Promise.resolve()).then(async () => {
      if (fault.answer === undefined) return void request.pipe(onward)
      const body = await buffer(request)
      const answer = await fault.answer(body.toString())
      if (answer === undefined) return void onward.end(body)
      onward.destroy()
      response.writeHead(answer.status, { 'content-type': 'application/xml' }).end(answer.text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  return Object.assign(proxy, {
    endpoint: `http://127.0.0.1:${own}`,
    asked,
    end: async () => {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
