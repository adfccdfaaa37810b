import type { Checkpoint } from './live.js'

/** What one flow has done since it was made. Bytes are plain bytes of data, without tree nodes, unless the name says otherwise. */
export interface LiveCounts {
  /** Versions that the sink was asked about. */
  readonly versionsOffered: number
  /** Those of them that it had. */
  readonly versionsThere: number
  /** Versions that it did not have and has now. */
  readonly versionsApplied: number
  /** Sent, once or more often. */
  readonly versionManifests: number
  /** Tree nodes. */
  readonly chunkManifests: number
  readonly dataChunks: number
  readonly bytesMoved: number
  /** As they were sent. */
  readonly bytesStored: number
  /** Of the versions that were applied and are not inline. */
  readonly bytesApplied: number
}

export const NO_COUNTS: LiveCounts = {
  versionsOffered: 0,
  versionsThere: 0,
  versionsApplied: 0,
  versionManifests: 0,
  chunkManifests: 0,
  dataChunks: 0,
  bytesMoved: 0,
  bytesStored: 0,
  bytesApplied: 0,
}

type Dedupable = Pick<LiveCounts, 'bytesApplied' | 'bytesMoved'>

/** Plain bytes that did not travel because the sink had them. `ahead`: those that an earlier flow of the same buckets had moved ahead. */
export const savedByDedupe = ({ bytesApplied, bytesMoved }: Dedupable, ahead = 0): number =>
  Math.max(0, bytesApplied - bytesMoved - ahead)
/** Plain bytes that were moved, and are not part of a version that was applied. */
export const movedAhead = ({ bytesApplied, bytesMoved }: Dedupable, ahead = 0): number =>
  Math.max(0, bytesMoved + ahead - bytesApplied)
export const savedByCompression = ({ bytesMoved, bytesStored }: LiveCounts): number =>
  Math.max(0, bytesMoved - bytesStored)

export interface FlowState {
  /** `initial` while a full pass is under way or before it is known whether one is due. */
  readonly state: 'initial' | 'continuous'
  readonly status: 'idle' | 'active'
  /** The last that the sink acknowledged. */
  readonly checkpoint: Checkpoint | undefined
  /** Objects on the list of retries when it was last looked at. */
  readonly parked: number
  /** When the next of them is due; milliseconds since 1970. */
  readonly dueMs: number | undefined
  /** When something was last acknowledged, or found to be there already; milliseconds since 1970. */
  readonly lastSuccessMs: number | undefined
  readonly counts: LiveCounts
}

/** What a sink has not acknowledged yet. */
export interface Behind {
  readonly objects: number
  readonly bytes: number
  /** The time of the oldest change among them, milliseconds since 1970; null where there is none. */
  readonly oldestAtMs: number | null
  /** There is more than was looked at. */
  readonly capped: boolean
}
