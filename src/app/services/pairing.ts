import { networkInterfaces } from 'node:os'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { shortGuid } from '../../model/ids.js'
import type { Grants, Rights } from '../../model/link.js'
import { kindOfName, parentOf, parseName } from '../../model/names.js'
import { type PairingUrl, pairingUrlText, parsePairingUrl } from '../../model/pairing-url.js'
import { GATEWAY_PORT, type HostPort, parseHostPort, remoteText } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { serviceDocument } from '../../service/document.js'
import { MASK } from '../../service/key-rule.js'
import { newService, withValue } from '../../service/service.js'
import { type App, withSegment } from '../app.js'
import { missing } from '../buckets.js'
import { openCredentials } from '../credentials/open.js'
import { listenerOf } from '../link/doors.js'
import { ownCertificate } from '../link/identity.js'
import { pendingSecret, spendOneTime } from '../link/spend.js'
import { createPairing } from '../peers/pairing.js'
import { changeService, serviceOf } from './files.js'

export interface PairRequest {
  /** Buckets or tenants, by their paths here. */
  readonly paths: readonly string[]
  readonly rights: Rights
  /** The service that lets the peer in; made where it is not there. */
  readonly service: string
  /** Where that one listens, if it is made. */
  readonly local?: string
  /** How the peer reaches this side, where that is not what it looks like from here. */
  readonly host?: string
}

export interface PairOffered {
  /** One line for the other side to paste. */
  readonly url: string
  readonly expiresMs: number
  readonly service: string
  readonly created: boolean
}

/**
 * Gives out a URL with which one peer may pair, once; the service that lets it in is made where it is not there, and enabled.
 * @throws NOT_FOUND for a tenant that is not here; USAGE; GUARD where too many are open
 */
export function offerPairing(app: App, request: PairRequest): Promise<PairOffered> {
  return withSegment(app, async (segment) => {
    const { rights, paths } = request
    for (const path of paths) requireTenant(segment, path)
    // Refused before a service is made for it.
    if (request.host !== undefined) given(request.host, GATEWAY_PORT)
    const { fingerprint } = await ownCertificate(segment)
    const { service, created } = await listeningService(segment, request)
    const at = reachedAt(service, request.host)
    const grants: Grants = Object.fromEntries(paths.map((path) => [path, rights]))
    const offer = { grants, service: service.name, fingerprint, clock: app.clock }
    const { oneTime, expiresMs } = await createPairing(segment, offer)
    const [only = ''] = paths.length === 1 ? paths : []
    const url = pairingUrlText({ secure: true, ...at, oneTime, fingerprint, path: only })
    return { url, expiresMs, service: service.name, created }
  })
}

/** A bucket that is not here yet is made when the peer first meets it. */
function requireTenant({ names }: Segment, path: string): void {
  const kind = kindOfName(path)
  if (kind === 'cluster')
    throw new EfsError('USAGE', `not the name of a bucket or a tenant: ${JSON.stringify(path)}`, {
      hint: 'write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1',
    })
  parseName(kind, path)
  const tenant = kind === 'bucket' ? parentOf(path) : path
  if (names.find(tenant) === undefined) throw missing(names, tenant)
}

async function listeningService(
  segment: Segment,
  { service: name, rights, local }: PairRequest,
): Promise<{ readonly service: Service; readonly created: boolean }> {
  const direction = rights.read && rights.write ? 'both' : rights.read ? 'send' : 'receive'
  const values = { 'X-ISGW-Direction': direction, ...(local === undefined ? {} : { 'X-ISGW-Local': local }) }
  return segment.services.change(name, (text) => {
    const known = text === undefined ? undefined : serviceOf(segment, name, text)
    const service = withValue(known ?? newService('isgw', name, values), 'X-Status', 'enabled')
    if (listenerOf(service) === undefined) throw doesNotListen(name)
    return { after: serviceDocument(service), result: { service, created: known === undefined } }
  })
}

const doesNotListen = (name: string): EfsError =>
  new EfsError('USAGE', `service ${name} lets nobody in: it has a peer of its own, and no X-ISGW-Local`, {
    hint: `efs service config ${name} X-ISGW-Local 0.0.0.0:14000, or another one with --service`,
  })

/** An address of this machine that others may reach, where it listens on all of them. */
function reachedAt(service: Service, host: string | undefined): HostPort {
  const listens = listenerOf(service)
  if (listens === undefined) throw doesNotListen(service.name)
  if (host !== undefined) return given(host, listens.port)
  const isAny = listens.host === '0.0.0.0' || listens.host === '::'
  if (!isAny) return listens
  const outer = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  return { host: outer?.address ?? '127.0.0.1', port: listens.port }
}

function given(text: string, port: number): HostPort {
  const at = parseHostPort(text) ?? parseHostPort(`${text}:${port}`)
  if (at !== undefined) return at
  throw new EfsError('USAGE', `not a host: ${text.slice(0, 300)}`, { hint: 'write HOST or HOST:PORT' })
}

/** The address that a pairing URL leads to, as X-ISGW-Remote has it. */
export function remoteOfPairing(line: string): string {
  const { secure, host, port, fingerprint } = parsePairingUrl(line)
  const print = fingerprint === undefined ? {} : { fingerprint }
  return remoteText({ kind: 'gateway', secure, host, port, ...print })
}

/**
 * Pairs a service with what a pairing URL leads to; where that is away, the gateway does it later. `change`: what else is to be changed of
 * it, unless the peer refuses. Gives in words what came of it.
 * @throws REFUSED, SAME_SEGMENT, USAGE
 */
export async function acceptPairing(
  app: App,
  segment: Segment,
  name: string,
  line: string,
  change: (service: Service) => Service = (service) => service,
): Promise<string> {
  const url: PairingUrl = parsePairingUrl(line)
  const { secure, host, port, fingerprint, oneTime } = url
  const at = { kind: 'gateway', secure, host, port, ...(fingerprint === undefined ? {} : { fingerprint }) } as const
  const mark = (): Promise<unknown> =>
    changeService(segment, name, (service) => withValue(change(service), 'X-ISGW-Basic-Auth', MASK))
  try {
    const signal = AbortSignal.timeout(LIMITS.pairMsMax)
    const { peer, grants } = await spendOneTime(app, segment, { service: name, at, oneTime, signal })
    await mark()
    return `paired with segment ${shortGuid(peer)}: ${grantsText(grants)}`
  } catch (error) {
    const isAway = signalled(error) || (error instanceof EfsError && error.code === 'UNREACHABLE')
    if (!isAway) throw error
    await openCredentials(app).put({ segment: segment.guid, service: name }, pendingSecret(oneTime))
    await mark()
    return `the peer does not answer yet: ${name} pairs with it once it runs and the peer is there, within 15 minutes`
  }
}

const signalled = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError'

/** `write Hawaii-r/Cola/bk1`. */
export const grantsText = (grants: Grants): string =>
  Object.entries(grants)
    .map(
      ([path, { read, write }]) => `${[...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(' and ')} ${path}`,
    )
    .join(', ')
