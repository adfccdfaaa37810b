import { EfsError } from '../../base/errors.js'
import { readContent } from '../../endpoints/read-content.js'
import type { RemoteAddress } from '../../model/address.js'
import { remoteAddressText } from '../../model/address.js'
import { byteRange } from '../../model/byte-range.js'
import type { Endpoint, Fetcher, ListOptions, Parked } from '../../model/endpoint.js'
import { objectKey } from '../../model/key.js'
import type { VersionRef } from '../../model/version-ref.js'
import { type App, withSegmentIfAny } from '../app.js'
import { openAtGateway, type Visit } from '../link/at-gateway.js'
import type { GetRequest, ListRequest } from './requests.js'

/** As `readObject`, of a peer's bucket. @throws UNREACHABLE, REFUSED too */
export function readAtGateway(
  app: App,
  address: RemoteAddress,
  request: GetRequest,
  signal: AbortSignal,
  each: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  if (request.version !== undefined) throw headsOnly()
  return visit(app, { ...address, rest: '' }, { need: 'read', auth: request.auth, signal }, async (source) => {
    const ref = await objectAt(source, address, request.atMs, signal)
    const [version] = await source.versions([ref], { signal })
    if (version === undefined) throw new Error('one version was asked for')
    const range = byteRange(request.range, version.manifest.size)
    const chunks = { get: source.fetch }
    for await (const bytes of readContent(chunks, version.manifest, range, signal)) await each(bytes)
    return range.end - range.start
  })
}

/** As `listObjects`, of a peer's bucket. @throws UNREACHABLE, REFUSED too */
export function listAtGateway(
  app: App,
  address: RemoteAddress,
  request: ListRequest,
  signal: AbortSignal,
  each: (page: readonly VersionRef[]) => Promise<boolean>,
  leftOut: (what: Parked) => void,
): Promise<void> {
  return visit(app, { ...address, rest: '' }, { need: 'list', auth: request.auth, signal }, async (source) => {
    const options: ListOptions = {
      prefix: address.rest + (request.prefix ?? ''),
      deleted: request.deleted,
      signal,
      ...(request.atMs === undefined ? {} : { atMs: request.atMs }),
    }
    for await (const page of source.list(options, leftOut)) if (!(await each(page))) return
  })
}

function visit<T>(
  app: App,
  address: RemoteAddress,
  how: Omit<Visit, 'app'>,
  use: (source: Fetcher) => Promise<T>,
): Promise<T> {
  return withSegmentIfAny(app, async (segment) => {
    const endpoint = await openAtGateway(address, { app, ...how }, segment)
    try {
      return await use(fetcherOf(endpoint))
    } finally {
      await endpoint.close()
    }
  })
}

function fetcherOf({ source, label }: Endpoint): Fetcher {
  if (source?.kind === 'fetches') return source
  throw new EfsError('USAGE', `nothing can be read from ${label}`)
}

async function objectAt(
  source: Fetcher,
  address: RemoteAddress,
  atMs: number | undefined,
  signal: AbortSignal,
): Promise<VersionRef> {
  const key = objectKey(address.rest)
  const path = remoteAddressText(address)
  for await (const page of source.list(
    { prefix: key, signal, ...(atMs === undefined ? {} : { atMs }) },
    () => undefined,
  )) {
    const [first] = page
    if (first?.key !== key) break
    if (first.kind === 'folder')
      throw new EfsError('USAGE', `${address.rest} is a folder`, { hint: 'efs sync brings a folder out' })
    return first
  }
  const [what, how] =
    atMs === undefined ? ['', ''] : [` at ${new Date(atMs).toISOString()}`, ' now; --at TIME, what was there then']
  throw new EfsError('NOT_FOUND', `no object ${path}${what}`, {
    hint: `efs object list ${remoteAddressText({ ...address, rest: '' })} shows what there is${how}`,
  })
}

const headsOnly = (): EfsError =>
  new EfsError('USAGE', 'an older version is not asked for at a gateway', { hint: 'use --at TIME, or read it there' })
