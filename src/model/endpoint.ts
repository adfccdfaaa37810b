import type { Chunk, ChunkRef } from './chunk.js'
import type { Extent, SameExtent } from './extent.js'
import type { History } from './history.js'
import type { VersionId } from './ids.js'
import type { ObjectKey } from './key.js'
import type { Content, Stamp, TreeRoot, Version } from './manifest.js'
import type { Chunking } from './settings.js'
import type { Fingerprint, VersionRef } from './version-ref.js'
import type { Whole } from './whole.js'

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface FetchOptions extends CallOptions {
  /** Gives memory for so many bytes, for a source that reads into some; what is fetched may stand in it. Else it is new. */
  readonly memory?: (bytes: number) => Buffer
}

export interface ListOptions extends CallOptions {
  /** Only keys after this one. */
  readonly after?: ObjectKey
  /** Only keys that start so. */
  readonly prefix?: string
  /** Heads that are deletes are listed too. */
  readonly deleted?: boolean
  /** What was the head at this time (milliseconds since 1970) instead of now. */
  readonly atMs?: number
  /** Keys that the caller passes over, with all below them where they end in `/`; a lister that saves work by it leaves them out. */
  readonly skips?: (key: string) => boolean
}

/** Rows in the order of their keys, a page at a time. A page is never empty and has at most LIMITS.pageRowsMax rows. */
export type Listing = AsyncIterable<readonly VersionRef[]>

/** Something that was left out, an object or one version of it, with the reason in words. A key that ends in `/` stands for all below it, too. */
export interface Parked {
  readonly key: ObjectKey
  readonly why: string
  readonly stamp?: Stamp
  /** A key that ends in `/` stands for itself alone. */
  readonly alone?: true
  /** It is being written just now, and may be whole soon. */
  readonly inFlight?: boolean
}

export interface Slice {
  /** Which object of this run, as in `Done.object`. */
  readonly object: number
  /** Of the slice in its object, in plain bytes. */
  readonly offset: number
  readonly ref: ChunkRef
}

/** One object that is complete once the parcel that names it is in. */
export interface Done {
  readonly object: number
  readonly key: ObjectKey
  /** A draft (the sink mints its version) or a version that keeps its id. */
  readonly content: Content | Version
  /**
   * Of a draft: the versions that its writer knew, which it descends from instead of from the head. What the head has more makes a conflict,
   * or, for a delete and for a folder, makes it superseded.
   */
  readonly parents?: readonly VersionId[]
  /** What the plan saw at the sink; a sink that holds something else by now reports it. */
  readonly there?: VersionRef
  /** As the source's file was when it was read, for the baseline. */
  readonly seen?: Fingerprint
}

/** The unit that moves. Its memory is held from when it is yielded until `release`. */
export interface Parcel {
  /** Every slice of this parcel in object order; holes have none. */
  readonly slices: readonly Slice[]
  /** Tree nodes that are new, children before parents. */
  readonly nodes: readonly Chunk[]
  readonly done: readonly Done[]
  readonly parked: readonly Parked[]
  /** Any of the slices' chunks, again if asked, in the order asked. Their data may stand in the parcel's own memory. */
  load(refs: readonly ChunkRef[], options?: CallOptions): Promise<Chunk[]>
  release(): void
}

/** One entry of a tree node: a child, or a hole where `ref` is absent. */
export interface TreeEntry {
  /** Plain bytes of the object that it covers. */
  readonly span: number
  readonly ref?: ChunkRef
}

export interface Lister {
  /**
   * @throws whatever made the listing fail: a listing that ends early is an error, never a short listing. What could
   * not be looked at (a folder that cannot be opened) is given to `parked`; the plan then infers nothing about it.
   */
  list(options: ListOptions, parked: (what: Parked) => void): Listing
}

/** A side that can tell of single keys what a listing would. */
export interface Looker extends Lister {
  /** The rows of those of these keys that are there, in the order asked; deletes too. Below a link there is nothing. */
  look(keys: readonly ObjectKey[], parked: (what: Parked) => void, options?: CallOptions): Promise<VersionRef[]>
}

/** A source that has bytes and no chunks: they are cut here, as the sink's bucket wants them. */
export interface Reader extends Lister {
  readonly kind: 'reads'
  read(wanted: AsyncIterable<readonly Wanted[]>, how: ReadOptions): AsyncIterable<Parcel>
  /** What its objects were, in key order, where it keeps that. */
  history?(options: CallOptions): AsyncIterable<readonly History[]>
}

export interface Wanted {
  /** Given out by the caller, unique in a run. */
  readonly object: number
  readonly here: VersionRef
  readonly there?: VersionRef
  /** The tree of what is there, where that is still what both sides agreed on. */
  readonly thereRoot?: TreeRoot
  /** As in `Done`. */
  readonly parents?: readonly VersionId[]
  /** The name of the state that is wanted, where it is not how the object is now. */
  readonly state?: string
}

export interface ReadOptions extends CallOptions {
  /** What changed less than so long ago is in flight, and parked; 0 unless told. */
  readonly restMs?: number
  readonly chunking: Chunking
  /** Whether chunks are loaded in compressed form where that pays. */
  readonly compress: boolean
  /** How many parcels may be unreleased at once. */
  readonly parcelsInFlight: number
}

/** A source that has chunks, by id. */
export interface Fetcher extends Lister {
  readonly kind: 'fetches'
  /** @throws NOT_FOUND when a version is gone by now. In the order asked. */
  versions(refs: readonly VersionRef[], options?: CallOptions): Promise<Version[]>
  /** Verified, in the order asked. @throws NOT_FOUND, CORRUPT */
  fetch(refs: readonly ChunkRef[], options?: FetchOptions): Promise<Chunk[]>
  /** @throws CORRUPT when the chunk is not a well-formed node. */
  entries(node: Chunk): readonly TreeEntry[]
}

export type Source = Reader | Fetcher

export type PublishResult =
  /** `seen` is a plain sink's file as written. */
  | { readonly status: 'published'; readonly id?: VersionId; readonly seen?: Fingerprint }
  /** The head has this content already. */
  | { readonly status: 'known'; readonly id?: VersionId; readonly seen?: Fingerprint }
  /** An older version than the sink keeps, or one that the head descends from. */
  | { readonly status: 'superseded' }
  /** Chunks that are not there (any more): put them and publish again. */
  | { readonly status: 'needs'; readonly refs: readonly ChunkRef[] }
  | { readonly status: 'parked'; readonly why: string }

export interface PublishOptions extends CallOptions {
  /** A version that does not descend from the head is written anew on top of it: the source wins. */
  readonly overwrite: boolean
}

export interface Sink extends Lister {
  /** A plain sink has no chunks: everything is missing there, and slices are written at their offsets. */
  readonly plain: boolean
  /** How new content for this sink is cut. */
  readonly chunking: Chunking
  /** Whether chunks are to come compressed, where that pays. */
  readonly compress: boolean
  /** Which of these have to be put; at most LIMITS.missingRefsMax at once. */
  missing(refs: readonly ChunkRef[], options?: CallOptions): Promise<ChunkRef[]>
  /**
   * Where a sink has to know an object before its bytes (S3 does, and where a file goes): told of each that comes from a fetched source, before
   * its first slice is put.
   */
  begin?(done: readonly Done[]): void
  /**
   * In place of `begin`, where the sink can take parts of an object from what stands there: `same` is what is the same in it, in order, and is
   * read as far as that is of use. Gives what it takes, in order: slices that lie wholly within one of these ranges are not put.
   */
  reuse?(done: Done, same: AsyncIterable<SameExtent>, options?: CallOptions): Promise<readonly Extent[]>
  /** Takes chunks in; they are durable once a publish that came after has returned. Their bytes are the caller's again when it settles. */
  put(chunks: readonly Chunk[], slices: readonly Slice[], options?: CallOptions): Promise<void>
  /** One result for each of `done`, in order, once all is durable. Folders may come in any order; a plain sink sets their times in `finish`. */
  publish(done: readonly Done[], options: PublishOptions): Promise<PublishResult[]>
  /** What that object is a part of, which is deleted only where that is meant. */
  wholeOf?(key: ObjectKey): Whole | undefined
  /** What it could not keep of what was written. */
  notKept?(): readonly NotKept[]
  /** Ends a run that changed something: `folders` are all of the source's, in key order. Called at most once. */
  finish(folders: AsyncIterable<readonly Done[]>, options?: CallOptions): Promise<Parked[]>
  /** Ends every run, also one that changed nothing: gives up what earlier runs began here and nobody goes on with. */
  tidy?(options?: CallOptions): Promise<Parked[]>
}

/** 32 bytes as hex over live heads: `content` of key, kind, size, content hash; `full` with attributes and folders too. */
export interface Digests {
  readonly content: string
  readonly full: string
}

export type DigestKind = keyof Digests

/** A digest before it is folded: 4,096 cells as hex; a cell is the sum over the keys that fall in it. */
export type DigestCells = readonly string[]

/** A side that keeps digests of all that it holds, so that equality needs no listing. */
export interface Digested {
  readonly objects: number
  readonly bytes: number
  digest(kind: DigestKind): string
  cells(kind: DigestKind): DigestCells
  /** Which cell a key falls in. */
  cellOf(key: ObjectKey): number
}

/** What a side does not keep, counted, with the first of each kind. */
export interface NotKept {
  readonly what: string
  readonly count: number
  readonly first: string
}

/** Once a kind, with the first of it. */
export const notKeptText = ({ what, count, first }: NotKept): string =>
  count === 1
    ? `not kept: 1 ${what.replace(/s$/, '')} (${first})`
    : `not kept: ${count} ${what} (the first is ${first})`

export interface Endpoint {
  /** As the user wrote it. */
  readonly label: string
  /** What it is, whoever asks: keys baselines and checkpoints. */
  readonly identity: string
  readonly source?: Source
  readonly sink?: Sink
  readonly digested?: Digested
  /** The first of what is wrong with the packs behind its index, as far as their lengths and first bytes show it. */
  glance?(options?: CallOptions): Promise<string | undefined>
  /** Listings may tell of harm, which a digest does not. */
  readonly mayBeHarmed?: boolean
  /** What the listings so far met and left out. */
  notKept?(): readonly NotKept[]
  /** The folders in it, its own too, at which another file system is mounted now. */
  mounts?(): readonly ObjectKey[]
  close(): Promise<void>
}
