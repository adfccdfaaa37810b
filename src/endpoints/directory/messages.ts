import type { Codec } from '../../model/chunk.js'
import type { ChunkId } from '../../model/ids.js'
import type { Chunking } from '../../model/settings.js'
import type { Lost } from './losses.js'

/*
 * What the main thread and a reading worker say to each other. Numbers of many files stand in columns, ids in one string
 * of 64 digits each: copying a thousand small objects between threads costs more than reading the files.
 */

export interface WorkerSetup {
  readonly root: string
  readonly chunking: Chunking
  readonly compress: boolean
  /** How many windows may be unreleased at once. */
  readonly windowsMax: number
  /** What changed within that time before it is read is in flight. */
  readonly restMs: number
}

/** Files, links and folders to read, in this order. */
export interface ReadTask {
  readonly type: 'read'
  readonly takenMs: number
  readonly objects: readonly number[]
  readonly keys: readonly string[]
  /** `f`, `l` or `d` for each. */
  readonly kinds: string
  /** As they were listed; see `packPrints`. */
  readonly prints: BigInt64Array
}

export interface LoadTask {
  readonly type: 'load'
  readonly request: number
  readonly window: number
  /** Which slices of the window are to be compressed, where that pays. */
  readonly slices: readonly number[]
}

export interface Release {
  readonly type: 'release'
  readonly window: number
}

export type ToWorker = ReadTask | LoadTask | Release

export interface SliceColumns {
  readonly objects: readonly number[]
  readonly offsets: readonly number[]
  /** Where each begins in the window. */
  readonly places: readonly number[]
  readonly sizes: readonly number[]
  /** Whether compressing it may pay. */
  readonly compressible: readonly boolean[]
  readonly ids: string
}

export interface NodeParts {
  readonly id: ChunkId
  readonly size: number
  readonly codec: Codec
  readonly data: Uint8Array
  readonly sum: number
}

/** The root of an object of more than one chunk. */
export interface TreeRoot {
  readonly index: number
  readonly id: ChunkId
  readonly size: number
  readonly depth: number
}

export interface DoneColumns {
  readonly objects: readonly number[]
  readonly modes: readonly number[]
  readonly prints: BigInt64Array
  readonly hashes: string
  /** Bytes of each object's inline content, one after the other; a length of -1 is an object with a root. */
  readonly inline: Uint8Array
  readonly inlineLengths: readonly number[]
  readonly trees: readonly TreeRoot[]
  readonly xattrs: readonly { readonly index: number; readonly values: Readonly<Record<string, Uint8Array>> }[]
}

export interface WindowMessage {
  readonly type: 'window'
  readonly window: number
  /** Both threads see the same memory; the worker writes to it only before this message and after the release. */
  readonly bytes: SharedArrayBuffer
  readonly bytesRead: number
  readonly takenMs: number
  readonly slices: SliceColumns
  readonly nodes: readonly NodeParts[]
  readonly done: DoneColumns
  readonly parked: readonly { readonly object: number; readonly why: string; readonly inFlight?: boolean }[]
  readonly lost: readonly Lost[]
  /** The last window of a task. */
  readonly last: boolean
}

/** The compressed form of those slices where it pays; the others have a size of -1 and stay where they are. */
export interface LoadedMessage {
  readonly type: 'loaded'
  readonly request: number
  readonly sizes: readonly number[]
  readonly sums: readonly number[]
  /** What was compressed, one after the other. */
  readonly frame: Uint8Array
}

export type FromWorker = WindowMessage | LoadedMessage
