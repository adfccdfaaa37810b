import { LIMITS } from '../../base/limits.js'
import type { LogRecord, MoveEntry, PublishEntry, RemoveEntry } from '../../format/log.js'
import type { CollectionRow } from '../../format/rows-home.js'
import type { BucketUid, ChunkId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { Tables } from '../index/tables.js'
import { bucketRow } from '../index/transaction.js'
import type { Appended } from '../packs/writer.js'
import { Room } from './room.js'
import type { Rules } from './rules.js'

/** What one commit writes in front of its transaction. */
export class Group {
  readonly #copies: Appended[] = []
  readonly #manifests: Appended[] = []
  readonly whole = new Set<ChunkId>()
  readonly #published = new Map<BucketUid, PublishEntry[]>()
  readonly #moved = new Map<BucketUid, MoveEntry[]>()
  readonly #removed = new Map<BucketUid, RemoveEntry[]>()
  readonly #rooms = new Map<BucketUid, Room>()
  readonly #keys = new Set<string>()
  readonly #others: LogRecord[] = []
  #manifestBytes = 0
  #hasRows = false

  /** `refused`: what an earlier commit left to be said. `collection`: as it stands while the group is prepared. */
  constructor(
    refused: readonly LogRecord[],
    readonly collection: CollectionRow,
  ) {
    this.#others.push(...refused)
  }

  get isEmpty(): boolean {
    const logged = this.#copies.length + this.#manifests.length + this.#removed.size + this.#others.length
    return !this.#hasRows && logged === 0 && this.whole.size === 0
  }

  /** False: that key, or the whole group, is taken; it waits for the next one. */
  claim(bucket: BucketUid, key: ObjectKey): boolean {
    const claimed = `${bucket}${key}`
    const isFull = this.#keys.size >= LIMITS.commitVersionsMax || this.#manifestBytes >= LIMITS.commitBytesMax
    if (isFull || this.#keys.has(claimed)) return false
    this.#keys.add(claimed)
    return true
  }

  /** In the order in which they are written; the log records follow. */
  get records(): readonly Appended[] {
    return [...this.#copies, ...this.#manifests]
  }

  /** A chunk that moves from one pack to another. */
  copy(chunk: Appended): void {
    this.#copies.push(chunk)
  }

  publish(bucket: BucketUid, entry: PublishEntry, manifest: Appended): void {
    this.#manifest(manifest)
    addTo(this.#published, bucket, [entry])
  }

  /** A manifest that moves from one pack to another. */
  move(bucket: BucketUid, entry: MoveEntry, manifest: Appended): void {
    this.#manifest(manifest)
    addTo(this.#moved, bucket, [entry])
  }

  remove(bucket: BucketUid, entries: readonly RemoveEntry[]): void {
    if (entries.length > 0) addTo(this.#removed, bucket, entries)
  }

  /** What the bucket's quota has left, with what this group takes of it. */
  room(bucket: BucketUid, rules: Rules, tables: Tables): Room {
    const room = this.#rooms.get(bucket) ?? new Room(rules, bucketRow(tables, bucket))
    this.#rooms.set(bucket, room)
    return room
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
    const removed = [...this.#removed].flatMap(([bucket, entries]) =>
      inParts(entries).map((part): LogRecord => ({ kind: 'remove', bucket, entries: part })),
    )
    const moved = [...this.#moved].map(([bucket, entries]): LogRecord => ({ kind: 'move', bucket, entries }))
    return [...this.#others, ...removed, ...published, ...moved]
  }

  #manifest(manifest: Appended): void {
    this.#manifests.push(manifest)
    this.#manifestBytes += manifest.payload.length
  }
}

/** Nothing else bounds how much one commit removes, and a record has to be read again. */
function inParts<T>(entries: readonly T[]): (readonly T[])[] {
  const most = LIMITS.commitVersionsMax
  if (entries.length <= most) return [entries]
  return Array.from({ length: Math.ceil(entries.length / most) }, (_, i) => entries.slice(i * most, (i + 1) * most))
}

function addTo<T>(byBucket: Map<BucketUid, T[]>, bucket: BucketUid, entries: readonly T[]): void {
  const there = byBucket.get(bucket)
  if (there === undefined) byBucket.set(bucket, [...entries])
  else for (const entry of entries) there.push(entry)
}
