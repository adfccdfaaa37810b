import { hashHex } from '../../base/hash.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Grants } from '../../model/link.js'
import { isOneTime } from '../../model/pairing-url.js'
import type { GatewayAddress } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import type { App } from '../app.js'
import { openCredentials } from '../credentials/open.js'
import { keepPairing } from '../peers/keep.js'
import { ownCertificate } from './identity.js'

const PENDING = 'pair:'

/** What is kept for a service that is to pair with a peer that was away. */
export const pendingSecret = (oneTime: string): string => `${PENDING}${oneTime}`

/** The one-time token that is still to be spent. */
export function pendingOf(secret: string | undefined): string | undefined {
  const rest = secret?.startsWith(PENDING) ? secret.slice(PENDING.length) : ''
  return isOneTime(rest) ? rest : undefined
}

export interface Spent {
  readonly peer: SegmentGuid
  readonly grants: Grants
  readonly token: string
}

/** Spends a one-time token at the peer that gave it, and keeps what that gives. @throws REFUSED, UNREACHABLE, SAME_SEGMENT */
export async function spendOneTime(
  app: App,
  segment: Segment,
  {
    service,
    at,
    oneTime,
    signal,
  }: {
    readonly service: string
    readonly at: GatewayAddress
    readonly oneTime: string
    readonly signal: AbortSignal | undefined
  },
): Promise<Spent> {
  const { pairLink } = await import('../../link/client/client.js')
  const { guid } = segment
  // Made of what nobody else has, so that it is the same after a kill, too; of that peer's and that service's own.
  const { keyPem } = await ownCertificate(segment)
  const nonce = hashHex(Buffer.from(['efs nonce', keyPem, at.fingerprint ?? at.host, service].join('\0')))
  const paired = await pairLink({ ...at, segment: guid, oneTime, nonce, ...(signal && { signal }) })
  const { segment: peer, token, grants, fingerprint } = paired
  await keepPairing(segment, openCredentials(app), {
    service,
    peer,
    label: '',
    at,
    fingerprint,
    token,
    clock: app.clock,
  })
  return { peer, grants, token }
}
