import { expect } from 'vitest'
import type { Cbor } from '../../src/format/cbor.js'
import { encodeCbor } from '../../src/format/cbor.js'
import { encodeBody } from '../../src/link/protocol/body.js'
import { OPS, SESSION_HEADER } from '../../src/link/protocol/ops.js'
import { SECRET } from '../fakes/link-host.js'
import { connect, PATH, type Served, serve, US } from './links.js'
import { post, type RawAnswer, rawly } from './raw.js'

export const BASIC = { authorization: `Basic ${Buffer.from(SECRET).toString('base64')}` }
export const spoken = { from: 1, to: 1 }
export const body = (message: Cbor, after: Uint8Array = Buffer.alloc(0)): Buffer => {
  const encoded = encodeCbor(message)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(encoded.length)
  return Buffer.concat([length, encoded, after])
}

/** A gateway with a session of ours, and what is asked in it. */
export async function guest(options: Parameters<typeof serve>[0] = {}): Promise<{
  readonly served: Served
  readonly uid: Buffer
  readonly ask: (op: string, body: Uint8Array) => Promise<RawAnswer>
}> {
  const served = await serve(options)
  const hello = Buffer.concat(encodeBody(OPS.hello.request, { spoken, segment: US, agent: 'raw' }))
  const { text, status } = await rawly(served.port, post('hello', hello, BASIC))
  expect(status).toBe(200)
  const at = Buffer.from(text, 'latin1')
  const named = at.indexOf(encodeCbor('session')) + encodeCbor('session').length + 1
  const session = at.subarray(named, named + 16).toString('hex')
  const ask = (op: string, asked: Uint8Array) => rawly(served.port, post(op, asked, { [SESSION_HEADER]: session }))
  return { served, uid: Buffer.from(served.at.bucket(PATH).uid, 'hex'), ask }
}

/** It went on, and nothing of it was a fault. */
export async function isWell({ port, faults }: Served): Promise<void> {
  const client = await connect(port)
  expect((await client.call(OPS.names, { path: '' })).message.names.length).toBe(1)
  expect(faults).toEqual([])
}
