import { LIMITS } from '../../base/limits.js'
import { decodeLog, type LogRecord, type MoveEntry, type PublishEntry } from '../../format/log.js'
import { decodeVersion } from '../../format/manifest.js'
import { RECORD } from '../../format/pack.js'
import { encodeVersionRow } from '../../format/rows-version.js'
import { type BucketUid, type ChunkId, type VersionId, versionId } from '../../model/ids.js'
import type { PendingChunk } from '../index/chunk-rows.js'
import { headKey, placeBytes, publishedKey, uidKey } from '../index/keys.js'
import { rowOf } from '../index/version-rows.js'
import { orDamage } from '../store-error.js'
import { packsOnDisk, readWholePack, type Torn, type WholeRecord } from './packs.js'
import { type RebuildParts, write } from './parts.js'
import { manifestKey, NOTHING, offsetsBytes, putLatest } from './scratch.js'

/** What is known of the packs once all have been read. */
export interface Gathered {
  records: number
  /** Of this segment, and on the disk. */
  readonly packs: Set<number>
  readonly torn: Torn[]
  /** That are not missed. */
  readonly gone: Set<number>
  /** The highest number that is the name of a file, or that a record names. */
  highest: number
  /** The same, without files that are another segment's. */
  highestOfOurs: number
}

/**
 * First pass: reads every record of every pack. Chunks go into the index, the rest into the scratch tables. `without`:
 * packs that are gone though their files are still there.
 */
export async function gather(parts: RebuildParts, without: ReadonlySet<number>): Promise<Gathered> {
  const found: Gathered = {
    records: 0,
    packs: new Set(),
    torn: [],
    gone: new Set(without),
    highest: 0,
    highestOfOurs: 0,
  }
  const batch = new Batch(parts, found)
  for (const pack of await packsOnDisk(parts.home)) {
    found.highest = Math.max(found.highest, pack)
    if (without.has(pack)) continue
    batch.begin()
    const { standing, torn } = await readWholePack(parts, pack, (record) => batch.take(pack, record))
    if (standing === 'foreign') continue
    found.packs.add(pack)
    if (torn !== undefined) found.torn.push(torn)
    batch.names(pack)
  }
  batch.save()
  return found
}

/** Rows on their way into the two files, a transaction of each for many records. */
class Batch {
  /** Offsets of the manifests of the commit that is being read, by version. */
  #manifests = new Map<VersionId, number[]>()
  #isLogged = false
  #chunks: PendingChunk[] = []
  #puts: (() => void)[] = []

  constructor(
    readonly parts: RebuildParts,
    readonly found: Gathered,
  ) {}

  /** Records of that pack follow. */
  begin(): void {
    this.#manifests.clear()
    this.#isLogged = false
  }

  /** Says what is wrong with the record, if anything. @throws NEWER_FORMAT */
  async take(pack: number, record: WholeRecord): Promise<string | undefined> {
    this.found.records++
    const taken = await orDamage(() => this.#take(pack, record))
    if (this.#chunks.length >= ROWS_MAX || this.#puts.length >= ROWS_MAX) this.save()
    return 'fault' in taken ? taken.fault : undefined
  }

  /** A number that a pack has or had. */
  names(pack: number): void {
    this.found.highest = Math.max(this.found.highest, pack)
    this.found.highestOfOurs = Math.max(this.found.highestOfOurs, pack)
  }

  save(): void {
    const { home, tables, scratch, chunks } = this.parts
    const [pending, puts] = [this.#chunks, this.#puts]
    this.#chunks = []
    this.#puts = []
    write(home, tables, pending.length, () => chunks.insert(pending))
    write(home, scratch, puts.length, () => {
      for (const put of puts) put()
    })
  }

  #take(pack: number, { header, payload, offset }: WholeRecord): void {
    const place = { pack, offset, length: payload.length }
    // The log records of a commit, one a bucket, stand together behind its manifests.
    const isLog = header.type === RECORD.log
    if (this.#isLogged && !isLog) this.#manifests.clear()
    this.#isLogged = isLog
    if (header.type === RECORD.chunk) {
      const ref = { id: header.id as ChunkId, size: header.plainBytes, node: false }
      this.#chunks.push({ ref, codec: header.codec, storedBytes: header.storedBytes, place })
    } else if (header.type === RECORD.manifest) {
      const version = decodeVersion(versionId(header.id), payload)
      const row = encodeVersionRow(rowOf(version, place, 0, false))
      this.#manifests.set(version.id, [...(this.#manifests.get(version.id) ?? []), offset])
      this.#put(() => this.parts.scratch.manifests.putSync(manifestKey(version.id, place), row))
    } else this.#log(pack, decodeLog(payload), Buffer.from(payload))
  }

  #log(pack: number, record: LogRecord, payload: Buffer): void {
    const { scratch } = this.parts
    switch (record.kind) {
      case 'name':
        this.#put(() => putLatest(scratch.names, uidKey(record.named.uid), record.stamp, payload))
        return
      case 'floor':
        this.#put(() => putLatest(scratch.floors, uidKey(record.bucket), record.stamp, payload))
        return
      case 'drop':
        if (record.before !== undefined) this.names(record.before - 1)
        this.#put(() => scratch.dropped.putSync(uidKey(record.uid), NOTHING))
        return
      case 'publish':
        for (const entry of record.entries) this.#published(pack, record.bucket, entry)
        return
      case 'move':
        for (const entry of record.entries) this.#moved(pack, record.bucket, entry)
        return
      case 'remove':
        for (const { key, id, at: place } of record.entries) {
          if (place !== undefined) this.names(place.pack)
          const at = publishedKey(headKey(record.bucket, key), id)
          this.#put(() => scratch.removed.putSync(place ? Buffer.concat([at, placeBytes(place)]) : at, NOTHING))
        }
        return
      case 'gone':
        for (const each of record.packs) {
          this.names(each)
          this.found.gone.add(each)
        }
    }
  }

  #published(pack: number, bucket: BucketUid, { key, id }: PublishEntry): void {
    const offsets = this.#manifests.get(id) ?? []
    const place = placeBytes({ pack, offset: offsets[0] ?? 0 })
    const at = Buffer.concat([publishedKey(headKey(bucket, key), id), place])
    this.#put(() => this.parts.scratch.published.putSync(at, offsetsBytes(offsets)))
  }

  #moved(pack: number, bucket: BucketUid, entry: MoveEntry): void {
    const { copies, origins } = this.parts.scratch
    this.#published(pack, bucket, entry)
    this.names(entry.from.pack)
    const at = publishedKey(headKey(bucket, entry.key), entry.id)
    const from = placeBytes(entry.from)
    for (const offset of this.#manifests.get(entry.id) ?? []) {
      const to = placeBytes({ pack, offset })
      this.#put(() => copies.putSync(Buffer.concat([at, from, to]), NOTHING))
      this.#put(() => origins.putSync(Buffer.concat([at, to, from]), NOTHING))
    }
  }

  #put(put: () => void): void {
    this.#puts.push(put)
  }
}

/** Rows that are held in memory. */
const ROWS_MAX = LIMITS.commitVersionsMax
