import type { IncomingMessage, ServerResponse } from 'node:http'
import { EfsError } from '../../base/errors.js'
import { lengthOf } from '../protocol/body.js'
import { BODY_TYPE } from '../protocol/ops.js'

/** The length that the head declares. @throws USAGE where it declares none, or more than `most` */
export function declaredLength(request: IncomingMessage, most: number): number {
  const declared = request.headers['content-length'] ?? ''
  if (!/^\d{1,15}$/.test(declared)) throw new EfsError('USAGE', 'a request without a Content-Length')
  const length = Number(declared)
  if (length > most) throw new EfsError('USAGE', `a request of ${length} bytes where at most ${most} belong`)
  return length
}

/** Fills `body`, which has the length that was declared. @throws UNREACHABLE where the request ends early */
export async function readBody(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  let filled = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) filled += piece.copy(body, filled)
  } catch (cause) {
    throw new EfsError('UNREACHABLE', 'the peer went away within its request', { cause })
  }
  if (filled < body.length) throw new EfsError('UNREACHABLE', 'the request ended early')
  return body
}

/** Settles when all is with the system, or the connection is gone. */
export function send(response: ServerResponse, status: number, pieces: readonly Uint8Array[]): Promise<void> {
  if (response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.writeHead(status, { 'content-type': BODY_TYPE, 'content-length': lengthOf(pieces) })
    response.cork()
    for (const piece of pieces) response.write(piece)
    response.end(resolve)
  })
}
