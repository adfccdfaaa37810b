import type { ChunkId } from './ids.js'

/**
 * Which data chunks peers have brought to a tenant. What of them no version holds yet is known nowhere else, and would be asked for
 * again after a restart. It is an aid: the last ones may be lost, and so are those of long ago.
 */
export interface Brought {
  /** Some at a time; some twice, and some that are not here any more. @throws IO */
  all(): AsyncIterable<readonly ChunkId[]>
  /** @throws DISK_FULL, IO */
  note(ids: readonly ChunkId[]): Promise<void>
}
