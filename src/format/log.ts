import { encode } from '@ipld/dag-cbor'
import { LIMITS } from '../base/limits.js'
import type { BucketUid, VersionId } from '../model/ids.js'
import { type ObjectKey, objectKey } from '../model/key.js'
import type { Named, NameKind } from '../model/name-space.js'
import type { Settings } from '../model/settings.js'
import {
  bytesOfHex,
  type Cbor,
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
 *   {v: 1, t: "drop",    u: uid}                                                               holds wherever it stands
 *   {v: 1, t: "publish", b: bucket uid, e: [[key, version id], …]}                             one commit group of one bucket
 *   {v: 1, t: "remove",  b: bucket uid, k: key, i: [version id, …]}                            holds wherever it stands
 *
 * uids are 16 bytes, version ids 32. Settings are a map by their names in `Settings`, only those that are set, their
 * `options` a list of [name, value] in the order of names. CBOR numbers are big-endian by themselves.
 */
const VERSION = 1

export interface PublishEntry {
  readonly key: ObjectKey
  readonly id: VersionId
}

export type LogRecord =
  /** A cluster, tenant or bucket as it is from `stamp` on (microseconds since 1970). */
  | { readonly kind: 'name'; readonly named: Named; readonly stamp: number }
  | { readonly kind: 'drop'; readonly uid: BucketUid }
  | { readonly kind: 'publish'; readonly bucket: BucketUid; readonly entries: readonly PublishEntry[] }
  | { readonly kind: 'remove'; readonly bucket: BucketUid; readonly key: ObjectKey; readonly ids: readonly VersionId[] }

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
      return encode({ v: VERSION, t: kind, u, k: record.named.kind, p: path, s, c: createdMs, st: record.stamp })
    }
    case 'drop':
      return encode({ v: VERSION, t: kind, u: bytesOfHex(record.uid) })
    case 'publish': {
      const e = record.entries.map(({ key, id }) => [key, bytesOfHex(id)])
      return encode({ v: VERSION, t: kind, b: bytesOfHex(record.bucket), e })
    }
    case 'remove': {
      const i = record.ids.map(bytesOfHex)
      return encode({ v: VERSION, t: kind, b: bytesOfHex(record.bucket), k: record.key, i })
    }
  }
}

/** @throws CORRUPT where the bytes are not the canonical encoding of a log record; NEWER_FORMAT */
export const decodeLog = (bytes: Uint8Array): LogRecord => decodeCanonical<LogRecord>(FORMAT, bytes)

function read(map: CborMap): LogRecord {
  switch (map.t) {
    case 'name':
      return { kind: 'name', named: readNamed(map), stamp: wholeOf(map.st) }
    case 'drop':
      return { kind: 'drop', uid: readUid(map.u) }
    case 'publish': {
      const entries = listOf(map.e).map((entry) => {
        const [key, id] = listOf(entry)
        return { key: objectKey(textOf(key)), id: readVersionId(id) }
      })
      return { kind: 'publish', bucket: readUid(map.b), entries }
    }
    case 'remove': {
      const ids = listOf(map.i).map(readVersionId)
      return { kind: 'remove', bucket: readUid(map.b), key: objectKey(textOf(map.k)), ids }
    }
    default:
      throw damaged('its type is unknown')
  }
}

const readUid = (value: Cbor | undefined): BucketUid => hexOf(value, 16) as BucketUid
const readVersionId = (value: Cbor | undefined): VersionId => hexOf(value, 32) as VersionId

const NAME_KINDS: readonly NameKind[] = ['cluster', 'tenant', 'bucket']

function readNamed(map: CborMap): Named {
  const kind = NAME_KINDS.find((one) => one === map.k)
  if (kind === undefined) throw damaged('what it names is unknown')
  const settings = readSettings(mapOf(map.s))
  return { kind, uid: readUid(map.u), path: textOf(map.p), settings, createdMs: wholeOf(map.c) }
}

function settingsToCbor({ options, ...others }: Settings): CborMap {
  return { ...others, ...(options === undefined ? undefined : { options: pairsOf(options) }) }
}

function readSettings({ options, ...others }: CborMap): Settings {
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
