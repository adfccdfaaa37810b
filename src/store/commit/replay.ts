import type { FileHandle } from 'node:fs/promises'
import { LIMITS } from '../../base/limits.js'
import { decodeLog, type LogRecord, type ManifestAt, type MoveEntry, type RemoveEntry } from '../../format/log.js'
import { decodeVersion } from '../../format/manifest.js'
import { RECORD } from '../../format/pack.js'
import { isSamePlace, type Place } from '../../format/rows-chunk.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { Done } from '../../model/endpoint.js'
import type { BucketUid, ChunkId, VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { readCollectionRow } from '../collection-row.js'
import type { PendingChunk } from '../index/chunk-rows.js'
import { uidKey } from '../index/keys.js'
import { applyDrop, applyName } from '../index/name-rows.js'
import { transact } from '../index/tables.js'
import { IndexTransaction } from '../index/transaction.js'
import { moveManifest, removeVersions, versionRow } from '../index/version-rows.js'
import { type RecordScanned, wholeRecords } from '../packs/scan.js'
import { Group } from './group.js'
import { PublishJob, type PublishParts } from './publish-job.js'
import { refuse } from './refused.js'

/** What `remove` and `drop` records name: it holds wherever they stand, so it is gathered before anything is replayed. */
export interface Dead {
  readonly versions: Set<string>
  readonly uids: Set<BucketUid>
}

export const nothingDead = (): Dead => ({ versions: new Set(), uids: new Set() })

/** A pack, or a part of one that starts with a record. */
export interface Stretch {
  readonly file: FileHandle
  readonly pack: number
  readonly from: number
  readonly to: number
}

/** First: adds to `dead`. Returns where the whole records end. */
export async function gatherDead({ file, from, to }: Stretch, dead: Dead): Promise<number> {
  let end = from
  for await (const scanned of wholeRecords(file, from, to)) {
    end = scanned.end
    if (scanned.header.type !== RECORD.log) continue
    const record = decodeLog(scanned.payload)
    if (record.kind === 'drop') dead.uids.add(record.uid)
    if (record.kind === 'remove')
      for (const { key, id, at } of record.entries) dead.versions.add(deadKey(record.bucket, key, id, at))
  }
  return end
}

/**
 * Then: brings into the index what the records say, as if they were published now; what it knows already changes
 * nothing. `indexed` is called in each transaction with the offset up to which the index then knows the pack.
 */
export async function replay(
  stretch: Stretch,
  dead: Dead,
  parts: PublishParts,
  indexed: (offset: number) => void,
): Promise<void> {
  // Those of one commit: its log records, one a bucket, stand together behind them.
  const manifests = new Map<VersionId, Manifest>()
  let isLogged = false
  let chunks: PendingChunk[] = []
  let end = stretch.from
  const saveChunks = (): void => {
    transact(parts.index.tables, () => {
      parts.index.insert(chunks)
      indexed(end)
    })
    chunks = []
  }
  for await (const scanned of wholeRecords(stretch.file, stretch.from, stretch.to)) {
    const place = placeOf(stretch.pack, scanned)
    const isLog = scanned.header.type === RECORD.log
    if (isLogged && !isLog) manifests.clear()
    isLogged = isLog
    if (scanned.header.type === RECORD.chunk) chunks.push(chunkOf(scanned, place))
    if (scanned.header.type === RECORD.manifest) {
      const id = scanned.header.id as VersionId
      const { places = [], bytes = Buffer.from(scanned.payload) } = manifests.get(id) ?? {}
      manifests.set(id, { places: [...places, place], bytes })
    }
    if (isLog) {
      saveChunks()
      await replayLog(decodeLog(scanned.payload), manifests, dead, parts)
    }
    end = scanned.end
    if (chunks.length >= LIMITS.commitVersionsMax) saveChunks()
  }
  saveChunks()
}

/** Of one commit. A version that was published under two keys stands there twice. */
interface Manifest {
  readonly places: readonly Place[]
  readonly bytes: Buffer
}

const placeOf = (pack: number, { offset, payload }: RecordScanned): Place => ({ pack, offset, length: payload.length })

const chunkOf = ({ header }: RecordScanned, place: Place): PendingChunk => ({
  ref: { id: header.id as ChunkId, size: header.plainBytes, node: false },
  codec: header.codec,
  storedBytes: header.storedBytes,
  place,
})

async function replayLog(
  record: LogRecord,
  manifests: ReadonlyMap<VersionId, Manifest>,
  dead: Dead,
  parts: PublishParts,
): Promise<void> {
  const { tables } = parts.index
  switch (record.kind) {
    case 'name':
      if (!dead.uids.has(record.named.uid)) transact(tables, () => applyName(tables, record))
      return
    case 'drop':
      return transact(tables, () => applyDrop(tables, record.uid))
    case 'remove':
      return transact(tables, () => {
        const tx = new IndexTransaction(tables)
        if (!tx.hasBucket(record.bucket)) return
        for (const [key, entries] of byKey(record.entries)) {
          removeVersions(tx, record.bucket, key, (row) => entries.some((entry) => isOf(entry, row)))
        }
        tx.finish()
      })
    case 'move':
      return transact(tables, () => {
        const tx = new IndexTransaction(tables)
        if (!tx.hasBucket(record.bucket)) return
        for (const entry of record.entries) replayMove(tx, record.bucket, entry, manifests, dead)
      })
    case 'floor':
      return transact(tables, () => {
        const tx = new IndexTransaction(tables)
        if (tx.hasBucket(record.bucket)) tx.raiseFloor(record.bucket, record.stamp)
        tx.finish()
      })
    case 'gone':
      return
    case 'publish': {
      if (!tables.uids.doesExist(uidKey(record.bucket))) return
      const done = record.entries.flatMap(({ key, id }, object): Done[] => {
        const manifest = manifests.get(id)
        if (manifest === undefined) return []
        const isDead = (at?: Place): boolean => dead.versions.has(deadKey(record.bucket, key, id, at))
        if (isDead() || manifest.places.some(isDead)) return []
        return [{ object, key, content: decodeVersion(id, manifest.bytes) }]
      })
      await republish(record.bucket, done, placesOf(manifests), parts)
    }
  }
}

/** What was removed where it stood is not moved: its removal takes it away there. */
function replayMove(
  tx: IndexTransaction,
  bucket: BucketUid,
  { key, id, from }: MoveEntry,
  manifests: ReadonlyMap<VersionId, Manifest>,
  dead: Dead,
): void {
  const { places = [], bytes } = manifests.get(id) ?? {}
  const to = places.at(-1)
  if (to === undefined || bytes === undefined) return
  const { stamp } = decodeVersion(id, bytes).manifest
  const row = versionRow(tx.tables, bucket, key, { id, stamp })
  if (row !== undefined && places.some((place) => isSamePlace(row.manifest, place))) return
  if (dead.versions.has(deadKey(bucket, key, id, from))) refuse(tx.tables, bucket, { key, id, at: to })
  else moveManifest(tx, bucket, { key, id, stamp }, from, to)
}

const placesOf = (manifests: ReadonlyMap<VersionId, Manifest>): Map<VersionId, Place> =>
  new Map([...manifests].flatMap(([id, { places }]) => places.slice(-1).map((place) => [id, place] as const)))

const isOf = ({ id, at }: RemoveEntry, row: VersionRow): boolean =>
  row.id === id && (at === undefined || isSamePlace(row.manifest, at))

function byKey(entries: readonly RemoveEntry[]): Map<ObjectKey, RemoveEntry[]> {
  const groups = new Map<ObjectKey, RemoveEntry[]>()
  for (const entry of entries) groups.set(entry.key, [...(groups.get(entry.key) ?? []), entry])
  return groups
}

/** What lacks chunks was never acknowledged, and stays out. */
async function republish(
  bucket: BucketUid,
  done: readonly Done[],
  places: ReadonlyMap<VersionId, Place>,
  parts: PublishParts,
): Promise<void> {
  const { tables } = parts.index
  const job = new PublishJob(parts, bucket, done, { overwrite: false }, places)
  do {
    const group = new Group([], readCollectionRow(tables))
    await job.prepare(group)
    transact(tables, () => {
      const tx = new IndexTransaction(tables)
      if (tx.isUncollectedSince(group.collection)) parts.index.markWhole(group.whole)
      job.apply(tx)
      tx.finish()
    })
  } while (job.settle() === 'again')
  await job.results
}

const deadKey = (bucket: BucketUid, key: string, id: VersionId, at: ManifestAt | undefined): string =>
  `${bucket}${id}${at === undefined ? '' : `${at.pack}:${at.offset}`}/${key}`
