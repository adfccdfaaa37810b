import net from 'node:net'
import { decodeBody } from '../../src/link/protocol/body.js'
import { failure } from '../../src/link/protocol/ops.js'

/** What came back until the other side closed, or until an answer was whole. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
  /** Of a failure. */
  readonly code: string
}

/** Sends bytes as they are. `end`: closes its half after them. */
export function rawly(port: number, bytes: Uint8Array | string, end = false): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    let all = Buffer.alloc(0)
    const settle = (): void => {
      socket.destroy()
      resolve(answerOf(all))
    }
    socket.on('data', (more) => {
      all = Buffer.concat([all, more])
      if (isWhole(all)) settle()
    })
    socket.on('error', settle)
    socket.on('close', settle)
    if (end) socket.end(bytes)
    else socket.write(bytes)
  })
}

/** A request with that body, and with its length unless headers tell another. */
export function post(op: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Buffer {
  const all = { host: 'x', 'content-length': `${body.length}`, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`POST /efs/1/${op} HTTP/1.1\r\n${lines.join('')}\r\n`), body])
}

const headEnd = (all: Buffer): number => all.indexOf('\r\n\r\n') + 4

function isWhole(all: Buffer): boolean {
  const [, length] = /content-length: (\d+)/i.exec(all.toString('latin1')) ?? []
  return headEnd(all) > 3 && length !== undefined && all.length >= headEnd(all) + Number(length)
}

function answerOf(all: Buffer): RawAnswer {
  const text = all.toString('latin1')
  const status = Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0)
  const isFailure = status >= 400 && text.includes('application/x-efs')
  return { status, text, code: isFailure ? decodeBody(failure, all.subarray(headEnd(all))).message.code : '' }
}
