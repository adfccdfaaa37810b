import { open } from 'node:fs/promises'
import { decodeLog, encodeLog, type LogRecord, type PublishEntry } from '../../format/log.js'
import { decodeVersion } from '../../format/manifest.js'
import { RECORD, RECORD_HEADER_BYTES, type RecordHeader } from '../../format/pack.js'
import { isSamePlace, type Place } from '../../format/rows-chunk.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { BucketUid, ChunkId, VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { packPath } from '../home.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { uidKey } from '../index/keys.js'
import { nameRecordAt } from '../index/name-rows.js'
import type { Tables } from '../index/tables.js'
import { bucketRow } from '../index/transaction.js'
import { versionRow } from '../index/version-rows.js'
import { type Scanned, scanPack } from '../packs/scan.js'
import { logEntryBytes } from './usage.js'

/** A record of a pack that something still needs. */
export type LiveRecord =
  | {
      readonly kind: 'chunk'
      readonly id: ChunkId
      readonly from: Place
      readonly header: RecordHeader
      readonly payload: Buffer
    }
  | {
      readonly kind: 'version'
      readonly bucket: BucketUid
      readonly key: ObjectKey
      readonly row: VersionRow
      readonly from: Place
      readonly payload: Buffer
    }
  | { readonly kind: 'log'; readonly record: Exclude<LogRecord, { kind: 'publish' | 'move' | 'gone' }> }

interface Manifest {
  readonly id: VersionId
  readonly from: Place
  readonly payload: Buffer
}

/** Tells of the records of one pack, in their order, which are needed. */
export class LiveRecords {
  /** Packs that `gone` records name. */
  readonly gone = new Set<number>()
  /** Other packs that are there, out of which something was moved into this one. */
  readonly origins = new Set<number>()
  #manifests: Manifest[] = []
  #isLogged = false

  constructor(
    readonly tables: Tables,
    readonly index: ChunkIndex,
    readonly pack: number,
    /** The other packs that are there. */
    readonly others: ReadonlySet<number>,
  ) {}

  /** Those up to `size`, once or again. What is no whole record is passed over. */
  async *read(size: number, signal: AbortSignal): AsyncGenerator<LiveRecord> {
    const file = await open(packPath(this.tables.home, this.pack), 'r')
    try {
      for await (const scanned of scanPack(file, size)) {
        signal.throwIfAborted()
        if (scanned.kind === 'record') yield* this.#next(scanned)
      }
    } finally {
      await file.close()
    }
  }

  /** What is live because of this record: itself, or for a publish record the manifests in front of it that it names. */
  #next({ offset, header, payload }: Extract<Scanned, { kind: 'record' }>): LiveRecord[] {
    const from = { pack: this.pack, offset, length: payload.length }
    const isLog = header.type === RECORD.log
    if (this.#isLogged && !isLog) this.#manifests = []
    this.#isLogged = isLog
    if (isLog) return this.#logged(decodeLog(payload))
    if (header.type === RECORD.manifest) {
      this.#manifests.push({ id: header.id as VersionId, from, payload: Buffer.from(payload) })
      return []
    }
    const id = header.id as ChunkId
    const row = this.index.row(id)
    const isLive = row !== undefined && isSamePlace(row.place, from)
    return isLive ? [{ kind: 'chunk', id, from, header, payload: Buffer.from(payload) }] : []
  }

  #logged(record: LogRecord): LiveRecord[] {
    switch (record.kind) {
      case 'publish':
        return record.entries.flatMap((entry) => this.#published(record.bucket, entry))
      case 'move':
        for (const { from } of record.entries) if (this.others.has(from.pack)) this.origins.add(from.pack)
        return record.entries.flatMap((entry) => this.#published(record.bucket, entry))
      case 'gone':
        for (const pack of record.packs) this.gone.add(pack)
        return []
      case 'remove': {
        const entries = record.entries.filter(({ at }) => at === undefined || this.others.has(at.pack))
        return entries.length === 0 ? [] : [{ kind: 'log', record: { ...record, entries } }]
      }
      case 'drop':
      case 'name':
      case 'floor':
        return this.#holds(record) ? [{ kind: 'log', record }] : []
    }
  }

  #published(bucket: BucketUid, { key, id }: PublishEntry): LiveRecord[] {
    if (!this.tables.uids.doesExist(uidKey(bucket))) return []
    return this.#manifests
      .filter((manifest) => manifest.id === id)
      .flatMap(({ from, payload }) => {
        const row = versionRow(this.tables, bucket, key, { id, stamp: decodeVersion(id, payload).manifest.stamp })
        const isLive = row !== undefined && row.id === id && isSamePlace(row.manifest, from)
        return isLive ? [{ kind: 'version' as const, bucket, key, row, from, payload }] : []
      })
  }

  #holds(record: Extract<LogRecord, { kind: 'drop' | 'name' | 'floor' }>): boolean {
    switch (record.kind) {
      case 'drop':
        return record.before === undefined || [...this.others].some((pack) => pack < (record.before ?? 0))
      case 'name': {
        const now = nameRecordAt(this.tables, record.named.path)
        return now?.named.uid === record.named.uid && now.stamp === record.stamp
      }
      case 'floor':
        return (
          this.tables.uids.doesExist(uidKey(record.bucket)) &&
          bucketRow(this.tables, record.bucket).floor === record.stamp
        )
    }
  }
}

/** What it takes in a pack, about. */
export function liveBytes(record: LiveRecord): number {
  switch (record.kind) {
    case 'chunk':
      return RECORD_HEADER_BYTES + record.payload.length
    case 'version':
      return RECORD_HEADER_BYTES + record.payload.length + logEntryBytes(Buffer.byteLength(record.key))
    case 'log':
      return RECORD_HEADER_BYTES + encodeLog(record.record).length
  }
}
