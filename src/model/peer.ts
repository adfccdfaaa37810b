import type { SegmentGuid } from './ids.js'
import type { Grants } from './link.js'

/** What a segment knows of another one. Times are milliseconds since 1970. */
export interface Peer {
  readonly segment: SegmentGuid
  /** As it calls itself; `''` where it does not say. */
  readonly label: string
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** The fingerprint of the certificate that answers at a `host:port`. */
  readonly pins: Readonly<Record<string, string>>
}

/** What was given to a peer by pairing. Of its token there is only the hash. */
export interface GivenCredential {
  readonly peer: SegmentGuid
  readonly hash: string
  /** The service that it was made for. */
  readonly service: string
  readonly grants: Grants
  readonly createdMs: number
  /** The hash of the one-time token that it was had for. */
  readonly hadFor: string | undefined
  /** The hash of the nonce, by which the guest's services are told apart; undefined where the guest showed none. */
  readonly nonce: string | undefined
}
