import { createHash } from 'node:crypto'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { systemClock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import type { S3Connection } from './client.js'
import { isGood } from './reply.js'
import { Wire } from './wire.js'

/** One that moves an object's bytes. */
export interface QuickRequest {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  /** Names in small letters; those of an absent value are left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array
  /** Memory for the body of the answer. */
  readonly room?: (length: number) => Buffer
  readonly signal?: AbortSignal
}

/** One of status 2xx, whole. */
export interface QuickAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

type Signer = Awaited<ReturnType<S3Client['config']['signer']>>
type Request = Parameters<Signer['sign']>[0]

/** Where a bucket's objects are, as the SDK itself would ask. */
interface Target {
  readonly server: Pick<Request, 'protocol' | 'hostname' | 'port'>
  readonly wire: Wire
  /** What of the path stands before the key. */
  readonly path: string
  /** Those of the SDK that do not depend on the object. */
  readonly headers: Readonly<Record<string, string>>
  readonly region: string
  readonly signer: Signer
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const HASH_OF_NOTHING = sha256(new Uint8Array())
const PROBE_KEY = 'k'

/**
 * The way of the requests that move bytes: signed by the SDK's own part, without the layers below and above it, which
 * cost more time than a small object does. It knows only success. Whatever else comes of a request, it is for the SDK
 * to make it again, with all that it knows of errors, other regions and busy servers.
 */
export class QuickRequests {
  readonly #connection: S3Connection
  readonly #bucket: string
  #target: Promise<Target | undefined> | undefined
  /** As `performance.now()`: until then all is left to the SDK. */
  #restsUntil = 0

  constructor(connection: S3Connection, bucket: string) {
    this.#connection = connection
    this.#bucket = bucket
  }

  /** Undefined where the SDK is to do it. */
  async send(request: QuickRequest): Promise<QuickAnswer | undefined> {
    if (performance.now() < this.#restsUntil) return undefined
    try {
      this.#target ??= this.#find().catch((error: unknown) => {
        this.#target = undefined
        throw error
      })
      const target = await this.#target
      return target && (await this.#sendTo(target, request))
    } catch {
      // The SDK meets the same, and tells it.
      if (!request.signal?.aborted) this.#rest()
      return undefined
    }
  }

  /** Closes the connections that nobody uses, and keeps none from then on. */
  close(): void {
    void this.#target?.then((target) => target?.wire.close()).catch(() => undefined)
  }

  async #sendTo(target: Target, { method, key, query, headers, body, room, signal }: QuickRequest) {
    const { config } = this.#connection.client
    const request: Request = {
      ...target.server,
      method,
      path: target.path + encoded(key),
      query: { ...query },
      headers: {
        ...target.headers,
        ...present(headers),
        ...(body && { 'content-length': String(body.length) }),
        'x-amz-content-sha256': body === undefined ? HASH_OF_NOTHING : sha256(body),
      },
      body,
    }
    const signed = await target.signer.sign(request, {
      signingDate: new Date(systemClock.nowMs() + config.systemClockOffset),
      signingRegion: target.region,
    })
    const answer = await target.wire.send({ head: headOf(signed), body, room: room ?? Buffer.allocUnsafe, signal })
    this.#connection.hear(answer)
    if (isGood(answer.status)) return answer
    if (answer.status === 429 || answer.status >= 500) this.#rest()
    return undefined
  }

  #rest(): void {
    this.#restsUntil = performance.now() + LIMITS.s3RestMs
  }

  /** Lets the SDK make a request, which is not sent. Undefined where it signs in another way than this one knows. */
  async #find(): Promise<Target | undefined> {
    const { client, authorities } = this.#connection
    const asked = new GetObjectCommand({ Bucket: this.#bucket, Key: PROBE_KEY })
    let made: unknown
    asked.middlewareStack.add(
      () => async (args) => {
        made = args.request
        return { output: { $metadata: {} }, response: undefined }
      },
      { step: 'deserialize', priority: 'high', name: 'efsNotSent' },
    )
    await client.send(asked)
    const { protocol, hostname, port, path, headers } = made as Request
    const [, region] = SCOPE.exec(headers.authorization ?? '') ?? []
    const secure = protocol === 'https:'
    if (region === undefined || !path.endsWith(`/${PROBE_KEY}`)) return undefined
    return {
      server: { protocol, hostname, ...(port !== undefined && { port }) },
      wire: new Wire({
        secure,
        host: hostname.replace(/^\[(.*)\]$/, '$1'),
        port: port ?? (secure ? 443 : 80),
        authorities,
      }),
      path: path.slice(0, -PROBE_KEY.length),
      headers: present({ host: headers.host, 'user-agent': headers['user-agent'] }),
      region,
      signer: await client.config.signer(),
    }
  }
}

const SCOPE = /^AWS4-HMAC-SHA256 Credential=\S+\/\d{8}\/([^/]+)\/s3\/aws4_request,/

/** As the SDK writes a key in a path. */
export const encoded = (key: string): string => encodedAll(key).replaceAll('%2F', '/')

const encodedAll = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const present = (headers: QuickRequest['headers'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

/** What is no header to Node is none here. */
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/

function headOf({ method, path, query, headers }: Request): string {
  const asked = Object.entries(query ?? {}).map(([name, value]) => `${name}=${encodedAll(String(value))}`)
  const target = asked.length === 0 ? path : `${path}?${asked.join('&')}`
  const lines = Object.entries(headers).map(([name, value]) => {
    if (BAD_VALUE.test(value)) throw new TypeError(`a value that cannot be sent in ${name}`)
    return `${name}: ${value}\r\n`
  })
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}
