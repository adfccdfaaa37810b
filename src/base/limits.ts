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
  credentialsLockMsMax: 2000,
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
assert(LIMITS.parcelObjectsMax <= LIMITS.commitVersionsMax, 'a parcel fits in one commit')
