import { OBJECT_LIMITS } from './limits-of-objects.js'

const KiB = 1024
const MiB = 1024 * KiB

/** Every bound of the program, units in the names. What must hold between them is tested. */
export const LIMITS = {
  ...OBJECT_LIMITS,

  keyBytesMax: 1024,
  nameBytesMax: 255,
  /** Each change writes all of them; where there are more, shells ask for names instead of reading them. */
  nameFileRowsMax: 1000,
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
  /** That are fetched in one request. */
  treeNodesAtOnce: 64,
  /** Of one tree, on one level: where trees are compared, their children are in memory together. */
  treeNodesAbreast: 128,
  /** What a tree node's 48-bit spans can tell. */
  objectBytesMax: 2 ** 48 - 1,

  manifestBytesMax: 1 * MiB,
  linkTargetBytesMax: 4096,
  xattrBytesMax: 64 * KiB,

  /** An index up to this is looked through each time that it is opened, which takes some ms. */
  indexLookBytesMax: 2 * MiB,

  packBytesMax: 1024 * MiB,
  /** A pack of less is gone on with by the next run. */
  packReuseBytesMax: 64 * MiB,
  packBufferBytes: 4 * MiB,
  /** Linux takes memory in one piece for what is written at once; larger pieces are scarce, and virtual machines have to ask their host for them. */
  writeBytesMax: 1 * MiB,
  recordBytesMax: 64 * MiB,

  parcelBytesMax: 4 * MiB,
  parcelObjectsMax: 512,
  missingRefsMax: 8192,
  /** Rows that are young when their page is done with cost no memory; with pages of 1,000 a listing takes half as much again. */
  pageRowsMax: 250,
  /** Of a directory, until another thread goes on with it: these take about as long as a thread takes to begin. */
  walkHerePagesMax: 8,
  /** Changes of a run whose keys have a later version, until it is known whether that is of the run too. */
  undoWaitingMax: 50_000,

  /** What a head's row can count. */
  versionsOfKeyMax: 2 ** 24 - 1,
  /** Three hundred years: with it every expiry is a date. */
  deleteAfterSecondsMax: 10 ** 10,

  /** A stamp that is further ahead than that is told. */
  clockAheadMsMax: 24 * 60 * 60 * 1000,

  /** So far apart are the two times of an index that was put in the place of a later one. */
  putBackMsLeast: 1000,

  commitBytesMax: 64 * MiB,
  commitVersionsMax: 2000,
  commitDelayMsMax: 200,
  /** A pack that is neither written nor read for so long is let go of. */
  packIdleMs: 60_000,

  /** Of what stands before and behind the steps of a plan, and of one step. */
  planHeadCharsMax: 4 * MiB,
  planStepCharsMax: 16 * KiB,

  /** The last runs of a segment, that can be undone. */
  runsMax: 256,
  /** Pairs of sides of which is kept how fast a run was. */
  speedsMax: 256,

  /** Of one rule of a filter. */
  patternBytesMax: 4096,
  filterRulesMax: 4096,
  filterFileBytesMax: 1 * MiB,
  /** All that Node knows take a quarter of a MiB. */
  authoritiesBytesMax: 8 * MiB,

  readTriesMax: 2,
  /** A service takes in a file that was left alone for so long. */
  fileRestMs: 1000,
  /** Paths, or changes of a bucket, that are looked at one by one; where more come at once, all is. */
  mirrorKeysMax: 2000,
  /** Events of a file system at once; of more, the system may have dropped some. */
  mirrorEventsMax: 8192,
  /** Even where nothing is heard, all is looked at again after so long, and after so many times what that took. */
  mirrorFullMs: 10 * 60 * 1000,
  mirrorFullTimes: 50,
  /** So often where something is taken in from what has no watch. */
  mirrorListMs: 30 * 1000,
  /** So often is a file looked at for which the system gives no watch. */
  watchlessLookMs: 250,
  /** Of a reading worker's heap: its bytes stand in windows, and without this each takes 48 MiB before it collects at all. */
  workerYoungMiB: 6,
  parcelsInFlightMax: 8,

  serviceNameBytesMax: 128,
  /** Of a value that is one line of text: a description, a secret. */
  lineBytesMax: 1024,
  /** A command in the toolbox, and how many of them are kept between runs. */
  toolboxLineBytesMax: 16 * KiB,
  toolboxLinesMax: 1000,
  toolboxHistoryBytesMax: 1 * MiB,
  connectionsMax: 64,
  processingDelayMsMax: 60 * 60 * 1000,
  /** After the first failure of an object; each further one doubles it. */
  retryDelayMsMin: 1000,
  retryDelayMsMax: 60 * 60 * 1000,
  lockFileMsMax: 2000,

  /** Of a request or answer without chunks. */
  linkMessageBytesMax: 8 * MiB,
  /** Of a request by somebody who was not let in yet. */
  linkKnockBytesMax: 16 * KiB,
  /** Of a request or answer with chunks: as many as fit in a parcel, or one. */
  linkBodyBytesMax: 17 * MiB,
  /** Of a body with a parcel's chunks and their heads: memory for so much is kept and used again, at each end for so many bodies. */
  linkSpareBytes: 5 * MiB,
  linkSparesMax: 8,
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
  /** Of one segment, so that it leaves some to others. */
  linkSessionsOfSegmentMax: 64,
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
  /** Where each look is a listing of S3, that is from one to the next at most: it doubles. */
  waitListMsMost: 8000,
  waitTryMs: 1000,
  /** A service that only brings what is there when it starts has brought that when it rests for so long. */
  waitRestMs: 2000,
  /** A timer of Node that is set to more goes off at once. */
  timerMsMax: 2 ** 31 - 1,
  /** A command that changes a service waits so long for what its peer says of it. */
  askMsMax: 2000,
  /** The first contact with a peer: with a handshake, and what answers may be far away or busy. */
  pairMsMax: 10_000,
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
  /** How long a gateway that starts waits for its services to run before it says that it is ready. */
  servicesBeginMsMax: 2000,
  retryMsLeast: 1000,
  retryMsMost: 60_000,
  /** So often it is asked for a bucket that is sent to, though nothing is to be sent. */
  sinkLookMs: 30_000,
  /** A service that has run so long is well again. */
  steadyMs: 10_000,
  /** Numbers of services are written as often as this at most; when all has arrived at once, but not again before so long. */
  statsDelayMs: 250,
  arrivedDelayMs: 100,
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
  /** Of one link: so many bring something at once, with a few parcels in memory each. A peer that is slow keeps no other link waiting. */
  flowsAtOnceMax: 8,
  /** For so long a session waits for a chunk that another one is bringing. */
  claimWaitMsMax: 10_000,
  /** Chunks that one session is bringing at once; of more, the first are given up. */
  claimsOfSessionMax: 128 * 1024,
  /** Of one session: chunks that were named by nodes and have not come. */
  earlyRefsMax: 128 * 1024,
  /** Of ids of chunks that peers brought to one tenant; there is one file before it: some 32 GiB of chunks each. */
  broughtFileBytesMax: 16 * MiB,
  /** Of a journal or a listing, when it is counted how far a sink is behind. */
  behindRowsMax: 10_000,
  /** Of those, in one count of a bucket's numbers while it is brought: of what takes longer, some counts are left out. */
  behindRowsACount: 1000,
  /** Until a keyring that does not answer is taken for none. */
  keyringProbeMsMax: 1000,
  /** Somebody may have to unlock it. */
  keyringAnswerMsMax: 60_000,

  /** Of the files that a process may open: with fewer nothing works, with fewer a gateway has no room for all its sockets. */
  openFilesLeast: 256,
  openFilesGood: 4096,
  /** Of what the system lets a user watch. */
  watchesGood: 8192,
  watchInstancesGood: 64,

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
