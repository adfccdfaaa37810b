import { EfsError } from '../../base/errors.js'
import type { Chunk } from '../../model/chunk.js'
import type { Guest } from '../../model/link.js'
import { decodeBody, encodeBody, type Frame } from '../protocol/body.js'
import type { Op } from '../protocol/ops.js'

/** What a request comes with, beside its message. */
export interface Call {
  readonly guest: Guest
  /** Goes off when the client goes away, the session ends, or the server closes. */
  readonly signal: AbortSignal
  /** Chunks that followed the message; nothing about them is proven. */
  readonly frames: readonly Frame[]
  /** Told of a fault that is answered for a part of the request alone. */
  readonly onFault: (error: unknown) => void
}

/** What answers one kind of request, from the bytes of its body to those of its answer. */
export type Route = (body: Buffer, call: Omit<Call, 'frames'>) => Promise<Uint8Array[]>

/** @throws USAGE where the body cannot be read, BAD_KEY where a key in it is none */
export function readRequest<Q>(
  op: Op<Q, unknown>,
  body: Buffer,
): { readonly message: Q; readonly frames: readonly Frame[] } {
  try {
    return decodeBody(op.request, body)
  } catch (error) {
    if (!(error instanceof EfsError) || error.code !== 'CORRUPT') throw error
    throw new EfsError('USAGE', `the request ${op.name} cannot be read: ${error.message}`, { cause: error })
  }
}

export function route<Q, A>(op: Op<Q, A>, answer: (request: Q, call: Call) => Promise<A>): Route {
  return async (body, call) => {
    const { message, frames } = readRequest(op, body)
    return encodeBody(op.answer, await answer(message, { ...call, frames }))
  }
}

/** As `route`, where the answer is chunks. */
export function chunksRoute<Q>(
  op: Op<Q, object>,
  answer: (request: Q, call: Call) => Promise<readonly Chunk[]>,
): Route {
  return async (body, call) => {
    const { message, frames } = readRequest(op, body)
    return encodeBody(op.answer, {}, await answer(message, { ...call, frames }))
  }
}
