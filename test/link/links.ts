import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { type Certificate, makeCertificate } from '../../src/link/certificate.js'
import { type ConnectOptions, connectLink, type LinkClient } from '../../src/link/client/client.js'
import { createLinkServer, type LinkServerOptions } from '../../src/link/server/server.js'
import { segmentGuid } from '../../src/model/ids.js'
import { FakeHost, SECRET } from '../fakes/link-host.js'
import { LiveSegment } from '../fakes/live-segment.js'

export const US = segmentGuid('ee'.repeat(16))
export const PATH = 'Hawaii/Cola/bk1'

let certificate: Promise<Certificate> | undefined

/** One for all tests of a file: making one takes a while. */
export function testCertificate(): Promise<Certificate> {
  certificate ??= makeCertificate(US)
  return certificate
}

export interface Served {
  readonly host: FakeHost
  readonly at: LiveSegment
  readonly port: number
  readonly faults: unknown[]
  close(): Promise<void>
}

export interface Serving extends Partial<LinkServerOptions> {
  readonly secure?: boolean
  readonly at?: LiveSegment
  readonly port?: number
}

/** A gateway in this process on a port of its own, with an empty bucket; gone when the test ends. */
export async function serve(options: Serving = {}): Promise<Served> {
  const { secure = false, at = new LiveSegment(), port = 0, ...own } = options
  at.make(PATH)
  const host = new FakeHost(at)
  const faults: unknown[] = []
  const { keyPem: key, certPem: cert } = secure ? await testCertificate() : { keyPem: '', certPem: '' }
  const server = createLinkServer({
    host,
    agent: 'efs test',
    clock: systemClock,
    onFault: (error) => faults.push(error),
    ...(secure && { tls: { key, cert } }),
    ...own,
  })
  const listening = await server.listen({ host: '127.0.0.1', port })
  onTestFinished(() => listening.close())
  return { host, at, port: listening.port, faults, close: listening.close }
}

/** A client of it; closed when the test ends. */
export async function connect(port: number, options: Partial<ConnectOptions> = {}): Promise<LinkClient> {
  const client = await connectLink({
    secure: false,
    host: '127.0.0.1',
    port,
    credential: { kind: 'shared', secret: SECRET },
    segment: US,
    agent: 'efs test',
    connections: 4,
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}
