import { NONE_BEHIND, type ServedStats, type ServiceNumbers } from '../model/service.js'

/** Of a path for which nothing has run. */
export const NEVER_RUN: ServedStats = {
  timestampMs: null,
  status: null,
  state: null,
  mode: 0,
  delayMs: 0,
  latencyMs: 0,
  requests: 0,
  versionManifests: 0,
  chunkManifests: 0,
  dataChunksSent: 0,
  dataChunksReceived: 0,
  snapviews: 0,
  bytesSent: 0,
  bytesReceived: 0,
  sendThroughput: 0,
  receiveThroughput: 0,
  networkErrors: 0,
  localIoErrors: 0,
  remoteIoErrors: 0,
  behind: NONE_BEHIND,
  heldUp: 0,
  versionsOffered: 0,
  versionsThere: 0,
  versionsApplied: 0,
  savedByDedupe: 0,
  savedByCompression: 0,
  lastSuccessMs: null,
  lastError: null,
}

export const NO_NUMBERS: ServiceNumbers = { report: null, served: new Map(), flows: [] }
