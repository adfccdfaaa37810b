import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'

/** What must hold between limits, and why. */
const RELATIONS: readonly (readonly [why: string, holds: boolean])[] = [
  [
    'chunkBytesLeast <= chunkBytesDefault && chunkBytesDefault <= chunkBytesMost',
    LIMITS.chunkBytesLeast <= LIMITS.chunkBytesDefault && LIMITS.chunkBytesDefault <= LIMITS.chunkBytesMost,
  ],
  ['the largest cut is a legal chunk', LIMITS.chunkBytesMost * LIMITS.chunkSpread <= LIMITS.chunkBytesMax],
  [
    'nodeEntriesMin < nodeEntriesAvg && nodeEntriesAvg < nodeEntriesMax',
    LIMITS.nodeEntriesMin < LIMITS.nodeEntriesAvg && LIMITS.nodeEntriesAvg < LIMITS.nodeEntriesMax,
  ],
  ['no object needs a deeper tree', LIMITS.nodeEntriesMin ** LIMITS.treeDepthMax > LIMITS.objectBytesMax],
  ['what is inline would not have been cut', LIMITS.inlineBytesMax < LIMITS.chunkBytesLeast],
  ['a chunk fits in one record', LIMITS.chunkBytesMax < LIMITS.recordBytesMax],
  ['a manifest fits in one record', LIMITS.manifestBytesMax < LIMITS.recordBytesMax],
  ['factsMergeMost <= factsCoveredMax', LIMITS.factsMergeMost <= LIMITS.factsCoveredMax],
  [
    'factsSmallBytes < factsBytesFull && 2 * factsBytesFull < factsBytesMax',
    LIMITS.factsSmallBytes < LIMITS.factsBytesFull && 2 * LIMITS.factsBytesFull < LIMITS.factsBytesMax,
  ],
  ['a record fits in one pack', LIMITS.recordBytesMax < LIMITS.packBytesMax],
  [
    'chunkBytesMax < linkBodyBytesMax && parcelBytesMax < linkBodyBytesMax',
    LIMITS.chunkBytesMax < LIMITS.linkBodyBytesMax && LIMITS.parcelBytesMax < LIMITS.linkBodyBytesMax,
  ],
  ['a parcel with its heads fits in memory that is used again', LIMITS.parcelBytesMax < LIMITS.linkSpareBytes],
  ['manifests are sent in parcels', LIMITS.parcelBytesMax + LIMITS.manifestBytesMax < LIMITS.linkMessageBytesMax],
  ['a page fits in one answer', LIMITS.linkRowsMax * 2 * LIMITS.keyBytesMax < LIMITS.linkMessageBytesMax],
  ['a long poll is no stall', LIMITS.linkPollMsMax < LIMITS.linkStallMsMax],
  ['what is in flight can be claimed', LIMITS.missingRefsMax * LIMITS.parcelsInFlightMax <= LIMITS.claimsOfSessionMax],
  ['a heartbeat may be late once', 2 * LIMITS.linkPollMsMax < LIMITS.staleMs],
  ['a burst is noticed before Linux drops what comes', LIMITS.mirrorEventsMax < 16_384],
  ['retryDelayMsMin < retryDelayMsMax', LIMITS.retryDelayMsMin < LIMITS.retryDelayMsMax],
  ['a parcel fits in one commit', LIMITS.parcelObjectsMax <= LIMITS.commitVersionsMax],
  [
    'what is copied and what is sent in between are parts enough',
    2 * LIMITS.s3CopiesMax + LIMITS.s3PartsMax / 2 < LIMITS.s3PartsMax,
  ],
  [
    'parts that are in flight are open',
    (LIMITS.parcelsInFlightMax * LIMITS.parcelBytesMax) / LIMITS.s3CopyBytesLeast + 2 < LIMITS.s3PartsOpenMax,
  ],
  [
    'no part is too short',
    LIMITS.s3CopyBytesLeast <= LIMITS.s3PartBytesLeast && 2 * LIMITS.s3CopyBytesLeast <= LIMITS.s3CopyBytesMost,
  ],
  ['a gateway that stops is waited for', LIMITS.servicesStopMsMax < LIMITS.gatewayStopMsMax],
  ['all sockets of a gateway can be open', LIMITS.linkSocketsMax < LIMITS.openFilesGood],
]

test.each(RELATIONS)('%s', (_, holds) => expect(holds).toBe(true))
