import { randomBytes } from 'node:crypto'
import { EfsError } from '../../base/errors.js'
import type { ConnectOptions, LinkClient } from '../../link/client/client.js'
import { segmentGuid } from '../../model/ids.js'
import type { Credential } from '../../model/link.js'
import { type GatewayAddress, hostPortText, remoteText } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { secretLine } from '../../service/key-rule.js'
import { remoteOf } from '../../service/remote-of.js'
import { shownValue } from '../../service/service.js'
import type { App } from '../app.js'
import { namedCredential } from '../credentials/named.js'
import { secretOf } from '../credentials/open.js'
import { notePeer, pinnedAt } from '../peers/known.js'
import { credentialOf } from '../peers/tokens.js'
import { findService } from '../services/files.js'
import { pendingOf, spendOneTime } from './spend.js'

/** The gateway that a service has as its peer; undefined where it has none. */
export function gatewayOf(service: Service): GatewayAddress | undefined {
  const remote = remoteOf(service)
  if (remote?.kind !== 'gateway') return undefined
  return { ...remote, secure: remote.secure || shownValue(service, 'X-ISGW-Encrypted-Tunnel') === '1' }
}

export interface Approaching {
  readonly app: App
  readonly connections: number
  readonly signal?: AbortSignal
  /** Until something moves, in milliseconds. */
  readonly stallMs?: number
}

/**
 * Connects to the peer of a service. A certificate that is seen for the first time is believed, and no other one from then on.
 * @throws UNREACHABLE, REFUSED, SAME_SEGMENT, NEWER_FORMAT
 */
export async function connectService(
  segment: Segment,
  service: string,
  at: GatewayAddress,
  secret: string | undefined,
  approaching: Approaching,
): Promise<LinkClient> {
  const { app, signal } = approaching
  const oneTime = pendingOf(secret)
  const held =
    oneTime === undefined ? secret : (await spendOneTime(app, segment, { service, at, oneTime, signal })).token
  const client = await visitService(segment, at, held, approaching)
  try {
    const { segment: peer, fingerprint } = client.peer
    const pin = fingerprint === undefined ? {} : { pin: { at, fingerprint } }
    await notePeer(segment, { segment: peer, clock: app.clock, ...pin })
    return client
  } catch (error) {
    await client.close()
    throw error
  }
}

/** As `connectService`, without noting anything of the peer: for who only looks. @throws REFUSED too where a one-time token is to be spent first */
export async function visitService(
  segment: Segment,
  at: GatewayAddress,
  secret: string | undefined,
  approaching: Approaching,
): Promise<LinkClient> {
  if (pendingOf(secret) !== undefined) {
    const { probePort } = await import('../../link/client/probe.js')
    await probePort(at, approaching.signal)
    throw notPaired(at)
  }
  return connect(at, knownFingerprint(segment, at), credentialOf(secret), { ...approaching, segment })
}

/** The peer, whose hints these are, cannot know what the service is called here. */
export const withName = (error: unknown, service: string): unknown => rehinted(error, /\bNAME\b/, service)

/** As `withName`, where no service of here is for that peer. */
const withAddress = (error: unknown, { host, port, secure }: GatewayAddress): unknown =>
  rehinted(error, secretLine('NAME'), `efs credential set ${remoteText({ kind: 'gateway', host, port, secure })}`)

function rehinted(error: unknown, what: string | RegExp, by: string): unknown {
  if (!(error instanceof EfsError) || error.hint === undefined) return error
  const hint = error.hint.replace(what, by)
  return hint === error.hint ? error : new EfsError(error.code, error.message, { hint, cause: error })
}

/** Of the certificate that has to answer there, where one is known. */
export const knownFingerprint = (segment: Segment, at: GatewayAddress): string | undefined =>
  at.fingerprint ?? pinnedAt(segment, at)?.fingerprint

/**
 * Connects to a gateway that an address names: as the service that has it as its peer, else with `auth`, else with
 * the secret that is named after it, else with the environment's.
 * `segment`: where this is asked from, if there is one.
 * @throws as `connectService`; REFUSED where its certificate is not known
 */
export async function connectAddress(
  segment: Segment | undefined,
  at: GatewayAddress,
  auth: string | undefined,
  approaching: Approaching,
): Promise<LinkClient> {
  const { credential, service } = await credentialFor(approaching.app, segment, at, auth)
  const known = segment === undefined ? at.fingerprint : knownFingerprint(segment, at)
  if (at.secure && known === undefined) throw unknownCertificate(at)
  try {
    return await connect(at, known, credential, { ...approaching, segment })
  } catch (error) {
    throw service === undefined ? withAddress(error, at) : withName(error, service)
  }
}

async function connect(
  at: GatewayAddress,
  fingerprint: string | undefined,
  credential: Credential,
  { connections, signal, stallMs, segment }: Approaching & { readonly segment: Segment | undefined },
): Promise<LinkClient> {
  const { connectLink } = await import('../../link/client/client.js')
  const options: ConnectOptions = {
    ...at,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    credential,
    // Who has no segment is a new stranger each time.
    segment: segment?.guid ?? segmentGuid(randomBytes(16).toString('hex')),
    agent: AGENT,
    connections,
    ...(signal && { signal }),
    ...(stallMs === undefined ? {} : { stallMs }),
  }
  return connectLink(options)
}

/** What this program calls itself to peers. */
export const AGENT = 'efs'

/** `service`: the one whose secret that is, or is lacking. */
async function credentialFor(
  app: App,
  segment: Segment | undefined,
  at: GatewayAddress,
  auth: string | undefined,
): Promise<{ readonly credential: Credential; readonly service?: string | undefined }> {
  let lacking: string | undefined
  for (const name of segment?.services.names() ?? []) {
    if (segment === undefined) break
    const peer = gatewayOf(findService(segment, name))
    if (peer?.host !== at.host || peer.port !== at.port) continue
    const secret = await secretOf(app, { segment: segment.guid, service: name })
    if (pendingOf(secret) !== undefined) throw withName(notPaired(at), name)
    if (secret !== undefined) return { credential: credentialOf(secret), service: name }
    lacking ??= name
  }
  const own = auth ?? (await namedCredential(app, remoteText(at))) ?? app.secrets.fromEnvironment
  return { credential: credentialOf(own), service: own === undefined ? lacking : undefined }
}

const notPaired = (at: GatewayAddress): EfsError =>
  new EfsError('REFUSED', `not paired with ${hostPortText(at)} yet: the one-time token is spent by the first link`, {
    hint: 'efs service enable NAME; where the token has expired, pair again: at the peer, efs gateway pair',
  })

const unknownCertificate = (at: GatewayAddress): EfsError =>
  new EfsError('REFUSED', `the certificate of ${hostPortText(at)} is not known here`, {
    hint: 'append #sha256:… to the address, as efs gateway status tells it there; or pair with it',
  })
