import { LIMITS } from '../base/limits.js'
import type { LogRecord, PublishEntry } from '../format/log.js'
import type { BucketUid, ChunkId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Appended } from './pack-writer.js'

/** What one commit writes in front of its transaction. */
export class Group {
  readonly #manifests: Appended[] = []
  readonly whole = new Set<ChunkId>()
  readonly #published = new Map<BucketUid, PublishEntry[]>()
  readonly #keys = new Set<string>()
  readonly #others: LogRecord[] = []
  #manifestBytes = 0
  #hasRows = false

  /** `refused`: what an earlier commit left to be said. */
  constructor(refused: readonly LogRecord[]) {
    this.#others.push(...refused)
  }

  get isEmpty(): boolean {
    return !this.#hasRows && this.#manifests.length === 0 && this.#others.length === 0 && this.whole.size === 0
  }

  /** False: that key, or the whole group, is taken; it waits for the next one. */
  claim(bucket: BucketUid, key: ObjectKey): boolean {
    const claimed = `${bucket}${key}`
    const isFull = this.#keys.size >= LIMITS.commitVersionsMax || this.#manifestBytes >= LIMITS.commitBytesMax
    if (isFull || this.#keys.has(claimed)) return false
    this.#keys.add(claimed)
    return true
  }

  get manifests(): readonly Appended[] {
    return this.#manifests
  }

  publish(bucket: BucketUid, entry: PublishEntry, manifest: Appended): void {
    this.#manifests.push(manifest)
    this.#manifestBytes += manifest.payload.length
    const entries = this.#published.get(bucket)
    if (entries === undefined) this.#published.set(bucket, [entry])
    else entries.push(entry)
  }

  record(record: LogRecord): void {
    this.#others.push(record)
  }

  /** Rows that have no record. */
  rows(): void {
    this.#hasRows = true
  }

  /** What is dropped or refused comes first: a commit may use a name again that it frees. */
  log(): LogRecord[] {
    const published = [...this.#published].map(([bucket, entries]): LogRecord => ({ kind: 'publish', bucket, entries }))
    return [...this.#others, ...published]
  }
}
