import type { ErrorCode } from '../base/errors.js'
import type { BucketUid, SegmentGuid } from './ids.js'
import type { Checkpoint } from './live.js'

export const SERVICE_TYPES = ['isgw'] as const
export type ServiceType = (typeof SERVICE_TYPES)[number]

/** One bucket, or a whole tenant, that a service is for. */
export interface Served {
  /** `Hawaii/Cola/bk1` or `Hawaii/Cola`. */
  readonly path: string
  /** What it is called at the peer, where that is another name. */
  readonly as?: string
  /** Listed, but nothing is to be sent. */
  readonly pause: boolean
}

/** A named, stored definition of something that runs. */
export interface Service {
  readonly name: string
  readonly type: ServiceType
  /** Values by key, in the form in which they are shown; a key that has its initial value is absent. */
  readonly set: Readonly<Record<string, string>>
  /** In the order in which they were attached. */
  readonly served: readonly Served[]
}

export const SERVICE_STATES = ['running', 'waiting', 'failed', 'stopped'] as const
export type ServiceState = (typeof SERVICE_STATES)[number]

/** How a service is, as the gateway last saw it. */
export interface ServiceReport {
  readonly state: ServiceState
  /** Since when; milliseconds since 1970. */
  readonly sinceMs: number
  /** `host:port`, as it is reached. */
  readonly listening: readonly string[]
  /** Those that are connected, as people name them. */
  readonly peers: readonly string[]
  readonly lastError: LinkError | null
}

/** What is kept of one service beside its definition. */
export interface ServiceNumbers {
  /** Null before the first run. */
  readonly report: ServiceReport | null
  /** By path. */
  readonly served: ReadonlyMap<string, ServedStats>
  readonly flows: readonly FlowNote[]
}

/** How far a sink was with a source when it last said so: for when it cannot be asked, since the sink's own word counts. */
export interface FlowNote {
  /** The served path that it comes from. */
  readonly served: string
  readonly direction: 'send' | 'receive'
  /** The bucket of this segment. */
  readonly here: string
  /** What it is called at the peer. */
  readonly there: string
  readonly thereUid: BucketUid
  /** Its segment. */
  readonly peer: SegmentGuid
  readonly checkpoint: Checkpoint | undefined
  /** Objects that are tried again. */
  readonly parked: number
  /** Plain bytes that went over and that no applied version is made of yet: once one is, they were not saved. */
  readonly bytesAhead: number
}

/** 0 complete, 1 manifests only, 2 version manifests only. */
export type ReplicationMode = 0 | 1 | 2

/** `stale`: of a service that is enabled and has not proved success for longer than its interval; a gateway counts only the others. */
export type ServedStatus = 'idle' | 'active' | 'stale'

/** What the sink has not acknowledged yet. */
export interface BehindStats {
  readonly objects: number
  /** Plain. */
  readonly bytes: number
  /** The age of the oldest change in it; null where there is none. */
  readonly oldestMs: number | null
  /** There is more: all three are of what was counted. */
  readonly capped?: true
}

export const NONE_BEHIND: BehindStats = { objects: 0, bytes: 0, oldestMs: null }

/** What has been counted for one served path. Bytes are bytes on the wire unless the name says otherwise; times are milliseconds since 1970. */
export interface ServedStats {
  /** When these numbers were last written; null before the first run, as all that is null here. */
  readonly timestampMs: number | null
  readonly status: ServedStatus | null
  readonly state: 'initial' | 'continuous' | 'paused' | null
  readonly mode: ReplicationMode
  readonly delayMs: number
  readonly latencyMs: number
  readonly requests: number
  readonly versionManifests: number
  readonly chunkManifests: number
  readonly dataChunksSent: number
  readonly dataChunksReceived: number
  readonly snapviews: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Bytes a second. */
  readonly sendThroughput: number
  readonly receiveThroughput: number
  readonly networkErrors: number
  readonly localIoErrors: number
  readonly remoteIoErrors: number
  readonly behind: BehindStats
  /** Objects that the side which takes has left out, and that are tried again; they are behind no more. */
  readonly heldUp: number
  readonly versionsOffered: number
  readonly versionsThere: number
  readonly versionsApplied: number
  /** Plain bytes that did not travel because the peer had them, and those that compression took away. */
  readonly savedByDedupe: number
  readonly savedByCompression: number
  readonly lastSuccessMs: number | null
  readonly lastError: LinkError | null
}

export interface LinkError {
  readonly atMs: number
  readonly message: string
  /** Where it is one of the table. */
  readonly code?: ErrorCode
  /** Null once something has gone well again. */
  readonly nextTryMs: number | null
}
