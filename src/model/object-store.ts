import type { CallOptions } from './endpoint.js'
import type { Extent } from './extent.js'

/** What a listing tells of an object. */
export interface StoredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** As the store names this state of it, without quotes: another content has another one. */
  readonly etag: string
  /** By the store's clock, milliseconds since 1970. */
  readonly modifiedMs: number
}

export interface StoreListOptions extends CallOptions {
  /** Only keys that start so. */
  readonly prefix?: string
  /** Only keys after this one, which need not exist. */
  readonly after?: string
}

/**
 * Whole objects by key, as S3 has them; keys are relative to the place that the store was opened for. What fails for a
 * while is tried again with growing, uneven waits before it is an error.
 * Every call throws UNREACHABLE (no answer, or none but "later"), REFUSED (credentials, rights), NOT_FOUND where the
 * bucket is missing, DISK_FULL, FAILED, and the signal's reason once it is aborted.
 */
export interface ObjectStore {
  /** As the user wrote it. */
  readonly label: string
  /** What it is, whoever asks. */
  readonly identity: string
  /** Durable, and whole or not at all, once it settles. */
  put(key: string, bytes: Uint8Array, options?: CallOptions): Promise<void>
  /**
   * The object, or a part of it, in one piece: never fewer bytes than were asked for.
   * @throws NOT_FOUND where it is missing or ends before the range does
   */
  get(key: string, range?: Extent, options?: CallOptions): Promise<Buffer>
  /**
   * In the order of the keys' UTF-8 bytes, a page at a time; no page is empty, at most 1,000 rows each.
   * @throws FAILED where the server's pages are out of order or repeat; a listing that fails is never a short one
   */
  list(options?: StoreListOptions): AsyncIterable<readonly StoredObject[]>
  /** Any number of them. What is not there is no error. */
  delete(keys: readonly string[], options?: CallOptions): Promise<void>
  close(): void
}
