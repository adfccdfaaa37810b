import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import type { Rights } from '../../model/link.js'
import type { LiveBucket } from '../../model/live.js'
import type { Waker } from '../../transfer/live/waker.js'

/** What requests took, in bytes. */
export interface Wire {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly requests: number
}

export interface PeerMeter extends Wire {
  /** Of the last request. */
  readonly latencyMs: number
}

export interface OpenThere {
  /** Where it is missing it is made. */
  readonly makes: boolean
  readonly signal: AbortSignal
}

/** The other side of a service, open: a gateway, or a segment that stands in S3. Its buckets know versions. */
export interface Peer {
  /** As people name it. */
  readonly place: string
  readonly segment: SegmentGuid
  /** The buckets of a tenant, by their paths. @throws NOT_FOUND where it lacks the tenant; UNREACHABLE */
  bucketsOf(tenant: string, signal: AbortSignal): Promise<string[]>
  /** What may be done with a bucket. */
  rightsTo(path: string): Rights
  /** How a bucket there is called where it has arrived. */
  nameOf(path: string): string
  /** @throws NOT_FOUND where it is missing and not made, or a tenant is; REFUSED, UNREACHABLE */
  open(path: string, options: OpenThere): Promise<LiveBucket>
  /** What changes there, for all flows from it; `heard` is called each time that it has answered. */
  news(heard: () => void): PeerNews
  /** Settles once all can have what its sinks have acknowledged. @throws UNREACHABLE */
  settle(): Promise<void>
  meter(): PeerMeter
  /** The part of that which was for one bucket alone. */
  bucketMeter(bucket: BucketUid): Wire
  close(): Promise<void>
}

/** Asks a peer, while it runs. */
export interface PeerNews {
  /** Asks until `signal` ends it. @throws what made a request fail, to all that wait, too */
  run(signal: AbortSignal): Promise<void>
  /** Of a bucket of the peer; `path`: what it is called there. */
  waker(path: string, bucket: LiveBucket): Waker & { close(): void }
  /** Settles when the peer does not send that bucket by itself. */
  leaveToAsk(path: string, bucket: LiveBucket, signal: AbortSignal): Promise<void>
}

/** No request. */
export const NO_WIRE: Wire = { bytesSent: 0, bytesReceived: 0, requests: 0 }
