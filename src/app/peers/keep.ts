import type { Clock } from '../../base/clock.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { HostPort } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import type { Credentials } from '../credentials/credentials.js'
import { notePeer } from './known.js'

/** What came of spending a one-time token at a peer. */
export interface Received {
  /** The service that connects to it. */
  readonly service: string
  readonly peer: SegmentGuid
  readonly label: string
  readonly at: HostPort
  /** Of the certificate that it showed; undefined where the connection was not encrypted. */
  readonly fingerprint: string | undefined
  readonly token: string
  readonly clock: Clock
}

/** Keeps what pairing gave: the secret first, since the one-time token that it was had for is spent. @throws REFUSED, IO */
export async function keepPairing(
  segment: Pick<Segment, 'guid' | 'peers'>,
  credentials: Credentials,
  { service, peer, label, at, fingerprint, token, clock }: Received,
): Promise<void> {
  await credentials.put({ segment: segment.guid, service }, token)
  const pin = fingerprint === undefined ? {} : { pin: { at, fingerprint } }
  await notePeer(segment, { segment: peer, label, clock, ...pin })
}
