import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { untilAborted } from '../../base/signals.js'
import type { Shape } from '../../format/shape.js'
import type { Chunk } from '../../model/chunk.js'
import type { CallOptions } from '../../model/endpoint.js'
import { type BucketUid, type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { Credential, Grants, Meter, Pairing } from '../../model/link.js'
import { remoteText } from '../../model/remote.js'
import { decodeBody, encodeBody, type Frame } from '../protocol/body.js'
import { errorOf, sameSegment } from '../protocol/failure.js'
import { failure, NO_SESSION, OPS, type Op, SESSION_HEADER, SPOKEN } from '../protocol/ops.js'
import { notAGateway } from './faults.js'
import { type Reply, Wire } from './wire.js'

export interface ConnectOptions extends CallOptions {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** Of the peer's certificate, `sha256:` and 64 hex digits; without it any is taken, and told by the client. */
  readonly fingerprint?: string
  readonly credential: Credential
  /** Our own. */
  readonly segment: SegmentGuid
  /** What asks, as the peer is told: `efs 0.2.0`. */
  readonly agent: string
  /** How many requests may be under way at once; a long poll has a connection of its own beside them. */
  readonly connections: number
  /** Until something moves, in milliseconds. */
  readonly stallMs?: number
}

/** Whom a link leads to. */
export interface Peer {
  readonly segment: SegmentGuid
  readonly grants: Grants
  readonly agent: string
  readonly version: number
  /** Of the certificate that it showed; undefined where the connection is not encrypted. */
  readonly fingerprint: string | undefined
  /** What its clock said in its last hello; undefined where it does not tell. */
  readonly nowMs: number | undefined
}

export interface CallExtras extends CallOptions {
  /** Follow the message. */
  readonly chunks?: readonly Chunk[]
  /** Which bucket the bytes of this call are counted for. */
  readonly bucket?: BucketUid
  /** How long the peer may wait by itself before it answers; such a call has a connection of its own. */
  readonly waitMs?: number
}

export interface Answer<A> {
  readonly message: A
  /** Chunks that followed; nothing about them is proven. */
  readonly frames: readonly Frame[]
}

/** One open link. Who connected it closes it. */
export interface LinkClient {
  /** `ccow://host:port`. */
  readonly place: string
  /** Our own. */
  readonly segment: SegmentGuid
  readonly peer: Peer
  /**
   * @throws what the peer throws, by its code; UNREACHABLE; REFUSED where another certificate or segment answers by now
   */
  call<Q, A>(op: Op<Q, A>, request: Q, extras?: CallExtras): Promise<Answer<A>>
  meter(): Meter
  /** What calls for that bucket took. */
  bucketMeter(bucket: BucketUid): Pick<Meter, 'bytesSent' | 'bytesReceived' | 'requests'>
  /** Leaves, where the peer can still be told, and closes all connections. */
  close(): Promise<void>
}

/**
 * Says hello.
 * @throws UNREACHABLE, REFUSED (credentials, certificate, a peer that is too old), NEWER_FORMAT, SAME_SEGMENT
 */
export async function connectLink(options: ConnectOptions): Promise<LinkClient> {
  const link = new Link(options)
  try {
    await link.hello(options.signal)
    return link
  } catch (error) {
    link.end()
    throw error
  }
}

/** Spends a one-time token. @throws REFUSED, UNREACHABLE, SAME_SEGMENT, NEWER_FORMAT */
export async function pairLink(
  options: Omit<ConnectOptions, 'credential' | 'connections' | 'agent'> & {
    readonly oneTime: string
    readonly nonce: string
  },
): Promise<Pairing & { readonly segment: SegmentGuid; readonly fingerprint: string | undefined }> {
  const { oneTime, nonce, segment, signal } = options
  const link = new Link({ ...options, agent: '', connections: 1, credential: { kind: 'paired', token: oneTime } })
  try {
    const pairing = await link.knock(OPS.pair, { spoken: SPOKEN, segment, nonce }, signal)
    return { ...pairing, fingerprint: link.fingerprint }
  } finally {
    link.end()
  }
}

class Link implements LinkClient {
  readonly segment: SegmentGuid
  readonly place: string
  readonly #options: ConnectOptions
  readonly #wire: Wire
  #session = ''
  #peer: Peer | undefined
  #hello: Promise<void> | undefined

  constructor(options: ConnectOptions) {
    const { secure, host, port, fingerprint, connections, stallMs } = options
    this.#options = options
    this.segment = options.segment
    this.place = remoteText({ kind: 'gateway', secure, host, port })
    this.#wire = new Wire({ secure, host, port, fingerprint }, connections, stallMs)
  }

  get peer(): Peer {
    if (this.#peer === undefined) throw new Error('not connected')
    return this.#peer
  }

  get fingerprint(): string | undefined {
    return this.#wire.fingerprint
  }

  async hello(signal: AbortSignal | undefined): Promise<void> {
    const { segment, agent } = this.#options
    const { session, idleMs: _, ...said } = await this.knock(OPS.hello, { spoken: SPOKEN, segment, agent }, signal)
    if (this.#peer !== undefined && this.#peer.segment !== said.segment) {
      throw new EfsError('REFUSED', `another segment answers at ${this.place} by now: ${shortGuid(said.segment)}`, {
        hint: 'give the address of the one that is meant',
      })
    }
    this.#session = session
    this.#peer = { ...said, fingerprint: this.fingerprint }
  }

  /** A request from outside of a session. */
  async knock<Q, A extends { readonly segment: SegmentGuid }>(
    op: Op<Q, A>,
    request: Q,
    signal: AbortSignal | undefined,
  ): Promise<A> {
    const headers = authorization(this.#options.credential)
    const bytesMax = LIMITS.linkMessageBytesMax
    const letter = { op: op.name, headers, pieces: encodeBody(op.request, request), bytesMax, waitMs: 0, isPoll: false }
    const { message } = this.#read(op, await this.#wire.send({ ...letter, signal }))
    if (message.segment === this.segment) throw sameSegment(message.segment)
    return message
  }

  async call<Q, A>(op: Op<Q, A>, request: Q, extras: CallExtras = {}): Promise<Answer<A>> {
    const pieces = encodeBody(op.request, request, extras.chunks)
    const session = this.#session
    const first = await this.#send(op, pieces, extras)
    if (first.status !== NO_SESSION) return this.#read(op, first)
    await this.#again(session, extras.signal)
    return this.#read(op, await this.#send(op, pieces, extras))
  }

  meter(): Meter {
    return this.#wire.meter()
  }

  bucketMeter(bucket: BucketUid): Pick<Meter, 'bytesSent' | 'bytesReceived' | 'requests'> {
    return this.#wire.meterOf(bucket)
  }

  async close(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(LIMITS.linkCloseMsMax)
      await this.#send(OPS.leave, encodeBody(OPS.leave.request, {}), { signal })
    } catch {
      // Whom nobody can tell that we leave finds out by himself.
    }
    this.end()
  }

  end(): void {
    this.#wire.close()
  }

  /** One hello for all calls that lost the same session; who is stopped waits for it no longer. */
  async #again(lost: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#session !== lost) return
    this.#hello ??= this.hello(undefined).finally(() => {
      this.#hello = undefined
    })
    const hello = this.#hello
    await untilAborted(signal, () => hello)
  }

  #send<Q, A>(op: Op<Q, A>, pieces: readonly Uint8Array[], extras: CallExtras): Promise<Reply> {
    const { signal, bucket, waitMs } = extras
    return this.#wire.send({
      op: op.name,
      headers: { [SESSION_HEADER]: this.#session },
      pieces,
      bytesMax: op.name === OPS.fetch.name ? LIMITS.linkBodyBytesMax : LIMITS.linkMessageBytesMax,
      waitMs: waitMs ?? 0,
      isPoll: waitMs !== undefined,
      signal,
      ...(bucket === undefined ? {} : { account: bucket }),
    })
  }

  #read<Q, A>(op: Op<Q, A>, { status, body }: Reply): Answer<A> {
    if (status !== 200) throw errorOf(this.#decoded(failure, op.name, body).message)
    return this.#decoded(op.answer, op.name, body)
  }

  #decoded<T>(shape: Shape<T>, what: string, body: Buffer): Answer<T> {
    try {
      return decodeBody(shape, body)
    } catch (cause) {
      if (this.#peer === undefined) throw notAGateway(this.#wire.place, cause)
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new EfsError('FAILED', `the peer's answer to ${what} cannot be read: ${why}`, { cause })
    }
  }
}

function authorization(credential: Credential): Record<string, string> {
  switch (credential.kind) {
    case 'none':
      return {}
    case 'shared':
      return { authorization: `Basic ${Buffer.from(credential.secret).toString('base64')}` }
    case 'paired':
      return { authorization: `Bearer ${credential.token}` }
  }
}
