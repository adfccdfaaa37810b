import { LIMITS } from '../base/limits.js'
import type { BucketUid, VersionId } from '../model/ids.js'
import { type ObjectKey, objectKey } from '../model/key.js'
import type { Named } from '../model/name-space.js'
import { NAME_KINDS } from '../model/names.js'
import type { Settings } from '../model/settings.js'
import { type Cbor, encodeCbor } from './cbor.js'
import {
  bytesOfHex,
  type CborMap,
  damaged,
  decodeCanonical,
  hexOf,
  listOf,
  mapOf,
  pairsOf,
  recordOf,
  textOf,
  wholeOf,
} from './fields.js'

/*
 * The payload of a log record, one dag-cbor map. Together the log records of all packs say what the index says.
 *
 *   {v: 1, t: "name",    u: uid, k: kind, p: path, s: settings, c: created in ms, st: stamp}   the latest stamp of a uid holds
 *   {v: 2, t: "drop",    u: uid, n: pack}                                                      holds wherever it stands
 *   {v: 1, t: "publish", b: bucket uid, e: [[key, version id], …]}                             one commit group of one bucket
 *   {v: 3, t: "move",    b: bucket uid, e: [[key, version id, pack, offset], …]}               the same, of what stood elsewhere
 *   {v: 2, t: "remove",  b: bucket uid, e: [[key, version id, pack, offset], …]}               holds wherever it stands
 *   {v: 2, t: "floor",   b: bucket uid, st: stamp}                                             the latest stamp of a bucket holds
 *   {v: 2, t: "gone",    p: [pack, …]}                                                         packs that are not missed
 *
 * A `move` publishes again what was published with a manifest in `pack` at `offset`: both are one publishing, in two places. A `remove`
 * takes away one publishing, one of whose manifests stands in `pack` at `offset`: the same version may be published again. The record
 * is needed as long as that pack is there. In a `drop`, `pack` is the number that was next: every pack that can hold something of the uid has a lower one. Version 1 knew neither:
 *
 *   {v: 1, t: "drop",    u: uid}
 *   {v: 1, t: "remove",  b: bucket uid, k: key, i: [version id, …]}
 *
 * uids are 16 bytes, version ids 32. Settings are a map by their names in `Settings`, only those that are set, their
 * `options` a list of [name, value] in the order of names. CBOR numbers are big-endian by themselves.
 */
const VERSION = 3

export interface PublishEntry {
  readonly key: ObjectKey
  readonly id: VersionId
}

export interface MoveEntry extends PublishEntry {
  /** Where the manifest stood that this one is a copy of. */
  readonly from: ManifestAt
}

export interface RemoveEntry extends PublishEntry {
  /** Where its manifest stands; undefined as version 1 wrote it: wherever. */
  readonly at: ManifestAt | undefined
}

export interface ManifestAt {
  readonly pack: number
  readonly offset: number
}

export type LogRecord =
  /** A cluster, tenant or bucket as it is from `stamp` on (microseconds since 1970). */
  | { readonly kind: 'name'; readonly named: Named; readonly stamp: number }
  | { readonly kind: 'drop'; readonly uid: BucketUid; readonly before: number | undefined }
  | { readonly kind: 'publish'; readonly bucket: BucketUid; readonly entries: readonly PublishEntry[] }
  | { readonly kind: 'move'; readonly bucket: BucketUid; readonly entries: readonly MoveEntry[] }
  | { readonly kind: 'remove'; readonly bucket: BucketUid; readonly entries: readonly RemoveEntry[] }
  /** Deletes of that bucket with an earlier stamp (microseconds since 1970) were forgotten. */
  | { readonly kind: 'floor'; readonly bucket: BucketUid; readonly stamp: number }
  /** In ascending order. */
  | { readonly kind: 'gone'; readonly packs: readonly number[] }

const FORMAT = {
  what: 'a log record',
  version: VERSION,
  bytesMax: LIMITS.recordBytesMax,
  encode: encodeLog,
  read,
} as const

export function encodeLog(record: LogRecord): Uint8Array {
  const { kind } = record
  switch (kind) {
    case 'name': {
      const { uid, path, settings, createdMs } = record.named
      const s = settingsToCbor(settings)
      const u = bytesOfHex(uid)
      return encodeCbor({ v: 1, t: kind, u, k: record.named.kind, p: path, s, c: createdMs, st: record.stamp })
    }
    case 'drop': {
      const u = bytesOfHex(record.uid)
      return encodeCbor(record.before === undefined ? { v: 1, t: kind, u } : { v: 2, t: kind, u, n: record.before })
    }
    case 'publish': {
      const e = record.entries.map(({ key, id }) => [key, bytesOfHex(id)])
      return encodeCbor({ v: 1, t: kind, b: bytesOfHex(record.bucket), e })
    }
    case 'move': {
      const e = record.entries.map(({ key, id, from }) => [key, bytesOfHex(id), from.pack, from.offset])
      return encodeCbor({ v: 3, t: kind, b: bytesOfHex(record.bucket), e })
    }
    case 'remove':
      return encodeCbor(removeToCbor(record))
    case 'floor':
      return encodeCbor({ v: 2, t: kind, b: bytesOfHex(record.bucket), st: record.stamp })
    case 'gone':
      return encodeCbor({ v: 2, t: kind, p: [...record.packs] })
  }
}

function removeToCbor({ bucket, entries }: Extract<LogRecord, { kind: 'remove' }>): CborMap {
  const [first] = entries
  const b = bytesOfHex(bucket)
  if (first !== undefined && entries.every(({ key, at }) => at === undefined && key === first.key)) {
    return { v: 1, t: 'remove', b, k: first.key, i: entries.map(({ id }) => bytesOfHex(id)) }
  }
  const e = entries.map(({ key, id, at }) => [key, bytesOfHex(id), ...(at === undefined ? [] : [at.pack, at.offset])])
  return { v: 2, t: 'remove', b, e }
}

/** @throws CORRUPT where the bytes are not the canonical encoding of a log record; NEWER_FORMAT */
export const decodeLog = (bytes: Uint8Array): LogRecord => decodeCanonical<LogRecord>(FORMAT, bytes)

function read(map: CborMap): LogRecord {
  switch (map.t) {
    case 'name':
      return { kind: 'name', named: readNamed(map), stamp: wholeOf(map.st) }
    case 'drop':
      return { kind: 'drop', uid: readUid(map.u), before: map.v === 1 ? undefined : wholeOf(map.n) }
    case 'publish': {
      const entries = listOf(map.e).map((entry) => {
        const [key, id] = listOf(entry)
        return { key: objectKey(textOf(key)), id: readVersionId(id) }
      })
      return { kind: 'publish', bucket: readUid(map.b), entries }
    }
    case 'move':
      return { kind: 'move', bucket: readUid(map.b), entries: listOf(map.e).map(readMoved) }
    case 'remove': {
      const entries = map.v === 1 ? removedByKey(map) : listOf(map.e).map(readRemoved)
      return { kind: 'remove', bucket: readUid(map.b), entries }
    }
    case 'floor':
      return { kind: 'floor', bucket: readUid(map.b), stamp: wholeOf(map.st) }
    case 'gone':
      return { kind: 'gone', packs: listOf(map.p).map(wholeOf) }
    default:
      throw damaged('its type is unknown')
  }
}

function removedByKey(map: CborMap): RemoveEntry[] {
  const key = objectKey(textOf(map.k))
  return listOf(map.i).map((id) => ({ key, id: readVersionId(id), at: undefined }))
}

function readRemoved(entry: Cbor): RemoveEntry {
  const [key, id, pack, offset] = listOf(entry)
  const at = pack === undefined ? undefined : { pack: wholeOf(pack), offset: wholeOf(offset) }
  return { key: objectKey(textOf(key)), id: readVersionId(id), at }
}

function readMoved(entry: Cbor): MoveEntry {
  const [key, id, pack, offset] = listOf(entry)
  return { key: objectKey(textOf(key)), id: readVersionId(id), from: { pack: wholeOf(pack), offset: wholeOf(offset) } }
}

const readUid = (value: Cbor | undefined): BucketUid => hexOf(value, 16) as BucketUid
const readVersionId = (value: Cbor | undefined): VersionId => hexOf(value, 32) as VersionId

function readNamed(map: CborMap): Named {
  const kind = NAME_KINDS.find((one) => one === map.k)
  if (kind === undefined) throw damaged('what it names is unknown')
  const settings = readSettings(mapOf(map.s))
  return { kind, uid: readUid(map.u), path: textOf(map.p), settings, createdMs: wholeOf(map.c) }
}

export function settingsToCbor({ options, ...others }: Settings): CborMap {
  return { ...others, ...(options === undefined ? undefined : { options: pairsOf(options) }) }
}

export function readSettings({ options, ...others }: CborMap): Settings {
  const settings: unknown = {
    ...others,
    ...(options === undefined ? undefined : { options: recordOf(options, textOf) }),
  }
  if (!isSettings(settings)) throw damaged('a setting is unknown or out of range')
  return settings
}

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const ALLOWED: Readonly<Record<keyof Settings, (value: unknown) => boolean>> = {
  chunkSize: isWhole,
  numberOfVersions: isWhole,
  replicationCount: isWhole,
  syncPut: isWhole,
  selectPolicy: (value) => value === 'latency' || value === 'capacity',
  ecDataMode: (value) => typeof value === 'string',
  ecTriggerPolicyTimeout: isWhole,
  fileObjectTransparency: (value) => value === 0 || value === 1,
  quota: isWhole,
  quotaCount: isWhole,
  options: (value) => typeof value === 'object',
}

function isSettings(value: unknown): value is Settings {
  const allowed: ReadonlyMap<string, (value: unknown) => boolean> = new Map(Object.entries(ALLOWED))
  return typeof value === 'object' && Object.entries(value ?? {}).every(([name, set]) => allowed.get(name)?.(set))
}
