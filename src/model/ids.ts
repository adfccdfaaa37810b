declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** 64 lowercase hex digits: BLAKE3-256 of a chunk's plain bytes. */
export type ChunkId = Branded<'ChunkId'>
/** 64 lowercase hex digits: BLAKE3-256 of an encoded manifest. */
export type VersionId = Branded<'VersionId'>
/** 64 lowercase hex digits: BLAKE3-256 of all plain bytes of an object. */
export type ContentHash = Branded<'ContentHash'>
/** 32 lowercase hex digits, random, made once. */
export type SegmentGuid = Branded<'SegmentGuid'>
/** 32 lowercase hex digits, random, made once; a bucket's name is only its label. */
export type BucketUid = Branded<'BucketUid'>
/** 32 lowercase hex digits, random, made when an index is made. */
export type JournalId = Branded<'JournalId'>

const HASH = /^[0-9a-f]{64}$/
const GUID = /^[0-9a-f]{32}$/

function branded<T extends string>(shape: RegExp, text: string): T {
  if (!shape.test(text)) throw new TypeError(`not an id: ${text.slice(0, 80)}`)
  return text as T
}

export const chunkId = (hex: string): ChunkId => branded<ChunkId>(HASH, hex)
export const versionId = (hex: string): VersionId => branded<VersionId>(HASH, hex)
export const contentHash = (hex: string): ContentHash => branded<ContentHash>(HASH, hex)
export const segmentGuid = (hex: string): SegmentGuid => branded<SegmentGuid>(GUID, hex)
export const bucketUid = (hex: string): BucketUid => branded<BucketUid>(GUID, hex)
export const journalId = (hex: string): JournalId => branded<JournalId>(GUID, hex)

/** The short form that people read: `7F3A-91C2`. */
export const shortGuid = (guid: SegmentGuid): string => `${guid.slice(0, 4)}-${guid.slice(4, 8)}`.toUpperCase()
