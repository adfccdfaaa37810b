import assert from 'node:assert/strict'

const KiB = 1024
const MiB = 1024 * KiB

/** Every bound of the program, units in the names. The relations below hold or nothing starts. */
export const LIMITS = {
  keyBytesMax: 1024,
  nameBytesMax: 255,
  inlineBytesMax: 128,

  chunkBytesDefault: 64 * KiB,
  chunkBytesLeast: 8 * KiB,
  chunkBytesMost: 4 * MiB,
  /** FastCDC cuts from the average divided by the first to the average times the second. */
  chunkLeastDivisor: 2,
  chunkSpread: 4,
  /** No chunk, data or node, is ever larger; readers refuse what claims to be. */
  chunkBytesMax: 16 * MiB,
  holeBytesMin: 4 * KiB,

  nodeEntriesMin: 64,
  nodeEntriesAvg: 256,
  nodeEntriesMax: 1024,
  treeDepthMax: 8,
  /** What a tree node's 48-bit spans can tell. */
  objectBytesMax: 2 ** 48 - 1,

  manifestBytesMax: 1 * MiB,
  linkTargetBytesMax: 4096,
  xattrBytesMax: 64 * KiB,

  packBytesMax: 1024 * MiB,
  /** A pack of less is gone on with by the next run. */
  packReuseBytesMax: 64 * MiB,
  packBufferBytes: 4 * MiB,
  recordBytesMax: 64 * MiB,

  parcelBytesMax: 4 * MiB,
  parcelObjectsMax: 512,
  missingRefsMax: 8192,
  /** Rows that are young when their page is done with cost no memory; with pages of 1,000 a listing takes half as much again. */
  pageRowsMax: 250,

  /** What a head's row can count. */
  versionsOfKeyMax: 2 ** 24 - 1,
  /** Three hundred years: with it every expiry is a date. */
  deleteAfterSecondsMax: 10 ** 10,

  /** A stamp that is further ahead than that is told. */
  clockAheadMsMax: 24 * 60 * 60 * 1000,

  commitBytesMax: 64 * MiB,
  commitVersionsMax: 2000,
  commitDelayMsMax: 200,

  readTriesMax: 2,
  /** Of a reading worker's heap: its bytes stand in windows, and without this each takes 48 MiB before it collects at all. */
  workerYoungMiB: 6,
  parcelsInFlightMax: 16,

  serviceNameBytesMax: 128,
  /** Of a value that is one line of text: a description, a secret. */
  lineBytesMax: 1024,
  connectionsMax: 64,
  processingDelayMsMax: 60 * 60 * 1000,
  /** After the first failure of an object; each further one doubles it. */
  retryDelayMsMin: 1000,
  retryDelayMsMax: 60 * 60 * 1000,
  credentialsLockMsMax: 2000,

  /** Of a request or answer without chunks. */
  linkMessageBytesMax: 8 * MiB,
  /** Of a request by somebody who was not let in yet. */
  linkKnockBytesMax: 16 * KiB,
  /** Of a request or answer with chunks: as many as fit in a parcel, or one. */
  linkBodyBytesMax: 17 * MiB,
  /** Of all bodies that a server holds at once; others are not read until there is room. */
  linkBodiesBytesMax: 128 * MiB,
  linkHeadBytesMax: 8 * KiB,
  linkHeadMsMax: 10 * 1000,
  linkConnectMsMax: 10 * 1000,
  /** Nothing moves on a connection while something should. */
  linkStallMsMax: 60 * 1000,
  /** A server may work so long on an answer. */
  linkAnswerMsMax: 5 * 60 * 1000,
  /** A long poll is answered then, whether there is something or not. */
  linkPollMsMax: 25 * 1000,
  /** A session without a request ends. */
  linkIdleMsMax: 5 * 60 * 1000,
  linkCloseMsMax: 1000,
  linkSessionsMax: 256,
  linkSocketsMax: 1024,
  /** Of one session at once. */
  linkRequestsMax: 128,
  /** In one long poll. */
  linkBucketsMax: 1024,
  /** Of a listing in one answer; what is asked for in pages is not slow over a long way. */
  linkRowsMax: 2000,
  linkNamesMax: 8192,
  linkTextBytesMax: 4096,
  linkAddressesMax: 1024,
  /** Who waits looks again after so long, though nothing was heard; and tries a peer that is away again. */
  waitLookMs: 500,
  waitTryMs: 1000,
  /** A command that changes a service waits so long for what its peer says of it. */
  askMsMax: 2000,
  /** Of a command that visits a gateway. */
  visitConnections: 4,
  /** Until something moves, of who only asks how it stands. */
  visitStallMs: 15_000,
  /** By how much the clocks of two segments may differ before that is told. */
  clockDriftMsMax: 60_000,
  linkKnocksMax: 8,
  linkKnockDelayMsMax: 8000,
  /** A gateway's log is begun anew there; one older file stays. */
  gatewayLogBytesMax: 8 * MiB,
  /** Of one line in that log. */
  gatewayLineBytesMax: 16 * KiB,
  gatewayStartMsMax: 10_000,
  gatewayStopMsMax: 10_000,
  /** What all services together have to stop, when the gateway does. */
  servicesStopMsMax: 4000,
  retryMsLeast: 1000,
  retryMsMost: 60_000,
  /** A service that has run so long is well again. */
  steadyMs: 10_000,
  /** Numbers of services are written as often as this at most. */
  statsDelayMs: 250,
  /** Where nothing happens they are looked at all the same. */
  restMsMax: 10_000,
  /** What is larger is no file with the numbers of a service. */
  statsBytesMax: 16 * MiB,
  /** Of those served paths that a service has numbers of. */
  statsPathsMax: 4096,
  /** Of those flows of a service whose sinks are remembered beside its numbers. */
  flowNotesMax: 8192,
  /** A service that has proved nothing for so long, and for its processing delay, is stale. */
  staleMs: 60_000,
  /** Of all links of a gateway: so many bring something at once, with a few parcels in memory each. */
  flowsAtOnceMax: 8,
  /** For so long a session waits for a chunk that another one is bringing. */
  claimWaitMsMax: 10_000,
  /** Chunks that one session is bringing at once; of more, the first are given up. */
  claimsOfSessionMax: 128 * 1024,
  /** Of a journal or a listing, when it is counted how far a sink is behind. */
  behindRowsMax: 10_000,
  /** Until a keyring that does not answer is taken for none. */
  keyringProbeMsMax: 1000,
  /** Somebody may have to unlock it. */
  keyringAnswerMsMax: 60_000,

  pairingMsMax: 24 * 60 * 60 * 1000,
  /** One-time tokens that have not expired. */
  pairingsMax: 64,
  credentialsGivenMax: 4096,
  /** Names that one pairing gives rights for. */
  grantsMax: 256,
  peersMax: 4096,
  pinsOfPeerMax: 64,
  /** That a peer was seen is written at most so often. */
  peerSeenMs: 60_000,
} as const

assert(LIMITS.chunkBytesLeast <= LIMITS.chunkBytesDefault && LIMITS.chunkBytesDefault <= LIMITS.chunkBytesMost)
assert(LIMITS.chunkBytesMost * LIMITS.chunkSpread <= LIMITS.chunkBytesMax, 'the largest cut is a legal chunk')
assert(LIMITS.nodeEntriesMin < LIMITS.nodeEntriesAvg && LIMITS.nodeEntriesAvg < LIMITS.nodeEntriesMax)
assert(LIMITS.nodeEntriesMin ** LIMITS.treeDepthMax > LIMITS.objectBytesMax, 'no object needs a deeper tree')
assert(LIMITS.inlineBytesMax < LIMITS.chunkBytesLeast, 'what is inline would not have been cut')
assert(LIMITS.chunkBytesMax < LIMITS.recordBytesMax, 'a chunk fits in one record')
assert(LIMITS.manifestBytesMax < LIMITS.recordBytesMax, 'a manifest fits in one record')
assert(LIMITS.recordBytesMax < LIMITS.packBytesMax, 'a record fits in one pack')
assert(LIMITS.chunkBytesMax < LIMITS.linkBodyBytesMax && LIMITS.parcelBytesMax < LIMITS.linkBodyBytesMax)
assert(LIMITS.parcelBytesMax + LIMITS.manifestBytesMax < LIMITS.linkMessageBytesMax, 'manifests are sent in parcels')
assert(LIMITS.linkRowsMax * 2 * LIMITS.keyBytesMax < LIMITS.linkMessageBytesMax, 'a page fits in one answer')
assert(LIMITS.linkPollMsMax < LIMITS.linkStallMsMax, 'a long poll is no stall')
assert(
  LIMITS.missingRefsMax * LIMITS.parcelsInFlightMax <= LIMITS.claimsOfSessionMax,
  'what is in flight can be claimed',
)
assert(2 * LIMITS.linkPollMsMax < LIMITS.staleMs, 'a heartbeat may be late once')
assert(LIMITS.retryDelayMsMin < LIMITS.retryDelayMsMax)
assert(LIMITS.parcelObjectsMax <= LIMITS.commitVersionsMax, 'a parcel fits in one commit')
assert(LIMITS.servicesStopMsMax < LIMITS.gatewayStopMsMax, 'a gateway that stops is waited for')
