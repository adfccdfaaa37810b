import type { BucketUid, SegmentGuid } from './ids.js'
import type { LiveBucket } from './live.js'
import type { NameKind } from './name-space.js'
import type { Settings } from './settings.js'

/** What a peer shows to be let in. */
export type Credential =
  | { readonly kind: 'none' }
  /** The secret that both sides hold, `user:password` or any other text of one line. */
  | { readonly kind: 'shared'; readonly secret: string }
  /** What pairing gave. */
  | { readonly kind: 'paired'; readonly token: string }

/** Who knocks, and how. */
export interface Knock {
  readonly segment: SegmentGuid
  readonly credential: Credential
  /** Whether the connection is encrypted. */
  readonly secure: boolean
  /** Where it comes from, without the port. */
  readonly address: string
  /** `host:port` that it came in on. */
  readonly listener: string
}

/** What a guest may do with buckets. `write` includes to list and compare, not to read bytes. */
export interface Rights {
  readonly read: boolean
  readonly write: boolean
}

/** A bucket's or tenant's path, or `*` for all; what is most exact counts. */
export type Grants = Readonly<Record<string, Rights>>

/** A name as a peer sees it. */
export interface NamedThere {
  readonly kind: NameKind
  readonly path: string
  readonly uid: BucketUid
}

export interface PairingKnock extends Omit<Knock, 'credential'> {
  /** Known to one service of this guest alone: who spends a token again with the same one did not get the answer. */
  readonly nonce: string | undefined
}

export interface Pairing {
  /** A secret of this guest's own; the host keeps only its hash. */
  readonly token: string
  readonly grants: Grants
}

/** What the serving end of a link answers from. Every refusal is an EfsError in words. */
export interface LinkHost {
  readonly segment: SegmentGuid
  /** @throws REFUSED (credentials, or an unencrypted connection where it must be), SAME_SEGMENT */
  admit(knock: Knock): Promise<Guest>
  /** Spends a one-time token. @throws REFUSED */
  pair(oneTime: string, knock: PairingKnock): Promise<Pairing>
}

/** A peer that was let in, for as long as its session lasts. */
export interface Guest {
  readonly segment: SegmentGuid
  readonly grants: Grants
  /** The names under `path` (`''`: all clusters) that it may see. */
  names(path: string): Promise<NamedThere[]>
  /** Makes a cluster, tenant or bucket, with those above it where `parents`; what is there already is left as it is. @throws REFUSED, NOT_FOUND */
  make(path: string, settings: Settings, parents: boolean): Promise<NamedThere>
  /** @throws NOT_FOUND with the nearest name, REFUSED without that right */
  open(bucket: string, need: keyof Rights | 'list'): Promise<LiveBucket>
  /** As `Endpoint.glance`, of all that is here. */
  glance(): Promise<string | undefined>
  /** Whether this host itself keeps sending that bucket to this guest, so that it need not ask for it. */
  isSending(bucket: BucketUid): boolean
  /** As `Segment.onRing`. */
  onRing(listener: () => void): () => void
  leave(): void
}

/** What went over the wire. */
export interface Meter {
  /** Bytes as the network carries them above TCP, heads and encryption too. */
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly requests: number
  /** Of the last small request, in milliseconds. */
  readonly latencyMs: number
}
