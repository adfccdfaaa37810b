const KiB = 1024
const MiB = 1024 * KiB

/** Bounds of what stands in S3: objects that any tool reads, and segments made of objects. Part of LIMITS. */
export const OBJECT_LIMITS = {
  /** To one S3 server at once. */
  s3RequestsMax: 32,
  /** Of one request, by an adaptive rate; and of one body that was cut short. */
  s3TriesMax: 6,
  s3ConnectMsMax: 10_000,
  /** Of an answer, before its body. */
  s3HeadBytesMax: 16 * KiB,
  /** Of a connection: what it reads at once. */
  s3SocketBytes: 128 * KiB,
  /** Nothing moves on a connection while something should. */
  s3StallMsMax: 60_000,
  /** A body that is sent may take as long as it lasts at this rate, without that anything is seen to move. */
  s3LeastBytesPerMs: 32,
  /** Where a test is stopped, what it asked for is waited for so long: what is cut off may be done all the same, later. */
  s3ProbeGraceMs: 3000,
  /** After a server was busy or not there, all requests go the way that paces itself. */
  s3RestMs: 5000,
  /** Before a body that was cut short is asked for again; each further time doubles it. */
  s3RetryMs: 100,
  s3PageRowsMax: 1000,
  /** Of one object, of those that it had; older ones are left out. */
  statesMax: 1000,
  s3DeletesMax: 1000,
  /** That are looked at before they are deleted in one request, and so many groups of them at once. */
  s3DeletesSeenMax: 64,
  s3DeleteGroupsAtOnce: 2,
  /** So many objects are denied, and none allowed, before that is taken for a matter of the bucket. */
  s3DeniedMax: 1000,
  /** What is larger goes in parts. */
  s3WholeBytesMax: 16 * MiB,
  s3PartBytesLeast: 8 * MiB,
  s3PartsMax: 10_000,
  /** Of one object, while its slices come in. */
  s3PartsOpenMax: 24,
  s3PartsAtOnce: 4,
  /** No part but the last may be shorter, so that less is not worth copying within the server. */
  s3CopyBytesLeast: 5 * MiB,
  /** Unless the object is so large that it needs longer ones: a slow server copies as much without a stall. */
  s3CopyBytesMost: 64 * MiB,
  /** Extents of one object, each of one part or more. */
  s3CopiesMax: 2000,
  s3CopiesAtOnce: 8,
  /** Folders of which it is not known yet whether something will be in them. */
  s3FoldersDueMax: 4096,
  /** An upload that nobody went on with for so long is given up. */
  s3UploadMsMax: 24 * 60 * 60 * 1000,
  /** And so often is noted that somebody goes on with it. */
  s3UploadNoteMs: 60 * 60 * 1000,
  /** Of all metadata of an object, names and values, as S3 has it; some servers hold more. Also of one header beside it. */
  s3MetadataBytesMax: 2048,
  /** Of one object. */
  s3TagsMax: 10,
  s3TagNameLengthMax: 128,
  s3TagValueLengthMax: 256,

  /** Of a pack that is an object, unless one chunk has more: it is in memory until it is put. */
  objectPackBytes: 16 * MiB,
  /** Packs that are being put, at most so many in memory. */
  objectPacksInFlight: 4,
  /** Ranges of packs that are read at once. */
  objectReadsAtOnce: 8,
  /** Chunks that are nearer to each other are read in one go: it costs less than another request. */
  objectGapBytes: 256 * KiB,
  objectRunBytes: 8 * MiB,
  /** Of the facts in one object, before they are compressed. */
  factsBytesMax: 64 * MiB,
  /** Where more is to be said, it takes another object. */
  factsBytesFull: 4 * MiB,
  factsVersionsFull: 8192,
  factsCoveredMax: 256,
  /** Objects of facts on one level that are merged, when there are as many, and as small. */
  factsMergeLeast: 32,
  factsMergeMost: 64,
  factsSmallBytes: 1 * MiB,
  factsLevelMax: 9,
  /** Listings that are begun anew because others merged what was listed. */
  factsTriesMax: 16,
  /** Claims of other writers that are read. */
  claimsReadMax: 256,
  claimBytesMax: 1 * MiB,
  /** An older one is left behind by a writer that is gone. */
  claimAgeMsMax: 10 * 60 * 1000,
  /** Without anything new, until what another writer claimed is put all the same. */
  claimPatienceMs: 20_000,
  claimLookMs: 200,
  /** A service looks there for what others wrote: after something new, and then each time after twice as long, up to that. */
  archiveLookMsLeast: 2000,
  archiveLookMsMost: 30_000,
  /** And so often whether packs are gone there, since it lists all of them. */
  archiveGoneMs: 60 * 60 * 1000,
  /** A command that attaches a bucket waits so long for what is there. */
  archiveAskMsMax: 10_000,
  /** Microseconds since 1970, in 2112: a version that comes from elsewhere with a later stamp leaves too few for those that follow upon it. */
  stampTimeMost: 2 ** 52,
} as const
