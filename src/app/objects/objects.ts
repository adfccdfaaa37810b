import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { parseObjectAddress, parseObjectPath } from '../../model/address.js'
import { byteRange } from '../../model/byte-range.js'
import { type ObjectKey, objectKey } from '../../model/key.js'
import { type Content, DELETION, type Version, wholeOf } from '../../model/manifest.js'
import type { Named } from '../../model/name-space.js'
import { deleteAfterOf, expiryMs } from '../../model/retention.js'
import type { Segment } from '../../model/segment.js'
import type { VersionRef } from '../../model/version-ref.js'
import { type App, withRecords, withSegment } from '../app.js'
import { effectiveSettings, findBucket, leftOut } from '../buckets.js'
import type { GetRequest, Which } from './requests.js'

/** An object of an open segment. */
interface Located {
  readonly segment: Segment
  readonly bucket: Named
  readonly key: ObjectKey
}

function locate(segment: Segment, path: string): Located {
  const { bucket, key } = parseObjectPath(path)
  return { segment, bucket: findBucket(segment.names, bucket), key: objectKey(key) }
}

/** @throws NOT_FOUND; USAGE where the id of a version is none, or fits several */
function versionOf(place: Located, which: Which): VersionRef {
  const { segment, bucket, key } = place
  if (which.version !== undefined) return versionById(place, which.version)
  if (which.atMs !== undefined) return versionAt(place, which.atMs)
  const found = segment.versions.head(bucket.uid, key)
  if (found === undefined) throw noObject(bucket, key)
  if (found.kind === 'deleted') {
    throw new EfsError('NOT_FOUND', `${bucket.path}/${key} is deleted`, {
      hint: `efs object restore ${bucket.path}/${key} brings it back`,
    })
  }
  return found
}

/** @throws NOT_FOUND; USAGE */
function versionById({ segment, bucket, key }: Located, text: string): VersionRef {
  const path = `${bucket.path}/${key}`
  const hint = `efs object versions ${path} lists them`
  if (!/^[0-9a-f]{8,64}$/i.test(text)) {
    const line = `not the id of a version: ${JSON.stringify(text.slice(0, 80))}`
    throw new EfsError('USAGE', line, { hint: `write its first 8 hexadecimal digits, or more: ${hint}` })
  }
  const all = segment.versions.versions(bucket.uid, key)
  const [only, second] = all.filter(({ held }) => held?.id.startsWith(text.toLowerCase()))
  if (second !== undefined)
    throw new EfsError('USAGE', `${text} fits several versions`, { hint: 'write more of its digits' })
  if (only === undefined) throw new EfsError('NOT_FOUND', `${path} has no version ${text}`, { hint })
  return only
}

/** The latest of then. @throws NOT_FOUND */
function versionAt({ segment, bucket, key }: Located, atMs: number): VersionRef {
  const all = segment.versions.versions(bucket.uid, key)
  const found = all.find(({ held }) => held !== undefined && held.stamp.time < (Math.floor(atMs) + 1) * 1000)
  if (found !== undefined && found.kind !== 'deleted') return found
  const oldest = all.at(-1)?.held
  if (oldest === undefined) throw noObject(bucket, key)
  const [path, at] = [`${bucket.path}/${key}`, new Date(atMs).toISOString()]
  const since = new Date(oldest.stamp.time / 1000).toISOString()
  const why =
    found === undefined
      ? `no version of ${path} is as old as ${at}: the oldest that is kept is of ${since}`
      : `${path} was deleted at ${at}`
  throw new EfsError('NOT_FOUND', why, { hint: `efs object versions ${path} tells what there was when` })
}

function noObject(bucket: Named, key: ObjectKey): EfsError {
  return new EfsError('NOT_FOUND', `no object ${bucket.path}/${key}`, {
    hint: `efs object list ${bucket.path} shows what there is`,
  })
}

async function manifestOf({ segment, bucket }: Located, ref: VersionRef): Promise<Version> {
  const [version] = await segment.versions.manifests(bucket.uid, [ref])
  if (version === undefined) throw new Error('one version was asked for')
  return version
}

/** Publishes one piece of content, whose chunks are here already. @throws PARTLY where the bucket has no room; CONFLICT */
async function publishOne({ segment, bucket, key }: Located, content: Content): Promise<void> {
  const [result] = await segment.versions.publish(bucket.uid, [{ object: 0, key, content }], { overwrite: true })
  if (result?.status === 'parked') throw leftOut(bucket, key, result.why)
  if (result?.status !== 'published' && result?.status !== 'known') {
    throw new EfsError('CONFLICT', `${bucket.path}/${key}: its content went in the meantime`, { hint: 'run it again' })
  }
}

export interface Shown extends VersionRef {
  readonly path: string
  readonly version: Version
  /** When the next collection deletes it, in milliseconds since 1970. */
  readonly expiresMs?: number
}

export const showObject = (app: App, path: string, which: Which): Promise<Shown> =>
  withSegment(app, async (segment) => {
    const place = locate(segment, path)
    const ref = versionOf(place, which)
    const version = await manifestOf(place, ref)
    const expiresMs = expiryOf(place, version)
    return { ...ref, path, version, ...(expiresMs === undefined ? {} : { expiresMs }) }
  })

/** Only heads expire, and no folders. */
function expiryOf({ segment, bucket, key }: Located, { id, manifest }: Version): number | undefined {
  const { kind, attributes, stamp } = manifest
  if (kind === 'folder' || segment.versions.head(bucket.uid, key)?.held?.id !== id) return undefined
  const { options } = effectiveSettings(segment.names, bucket.path)
  const afterS = deleteAfterOf(attributes.user) ?? deleteAfterOf(options)
  return afterS === undefined ? undefined : expiryMs(stamp.time, afterS)
}

/** Hands the versions of an object to `each`, a page at a time, latest first, deletes too. @throws NOT_FOUND */
export const listVersions = (
  app: App,
  path: string,
  each: (page: readonly VersionRef[]) => Promise<void>,
): Promise<void> =>
  withRecords(app, async (segment) => {
    const { bucket, key } = locate(segment, path)
    const all = segment.versions.versions(bucket.uid, key)
    if (all.length === 0) throw noObject(bucket, key)
    for (let from = 0; from < all.length; from += LIMITS.pageRowsMax) {
      await each(all.slice(from, from + LIMITS.pageRowsMax))
    }
  })

/** A delete is a version; nothing is lost by it. @throws NOT_FOUND */
export const deleteObject = (app: App, path: string): Promise<void> =>
  withSegment(app, async (segment) => {
    const place = locate(segment, path)
    versionOf(place, {})
    await publishOne(place, DELETION)
  })

/** The same content under another key; moves no data. @throws NOT_FOUND; EXISTS unless `force` */
export const cloneObject = (app: App, from: string, to: string, force: boolean): Promise<void> =>
  withSegment(app, (segment) => cloneWithin(segment, from, to, force))

export const moveObject = (app: App, from: string, to: string, force: boolean): Promise<void> =>
  withSegment(app, async (segment) => {
    await cloneWithin(segment, from, to, force)
    await publishOne(locate(segment, from), DELETION)
  })

async function cloneWithin(segment: Segment, from: string, to: string, force: boolean): Promise<void> {
  const [source, target] = [locate(segment, from), locate(segment, to)]
  if (source.bucket.uid === target.bucket.uid && source.key === target.key) {
    throw new EfsError('USAGE', `${from} and ${to} are the same object`)
  }
  const ref = versionOf(source, {})
  if (source.key.endsWith('/') !== target.key.endsWith('/')) {
    throw new EfsError('USAGE', 'a key that ends in / names a folder, the other does not')
  }
  const there = segment.versions.head(target.bucket.uid, target.key)
  if (!force && there !== undefined && there.kind !== 'deleted') {
    throw new EfsError('EXISTS', `${to} exists`, { hint: '--force writes a new version of it' })
  }
  await publishOne(target, wholeOf((await manifestOf(source, ref)).manifest))
}

/** Removes all its versions for good, deletes too. Gives how many that were. @throws NOT_FOUND where it has none */
export const expungeObject = (app: App, path: string): Promise<number> =>
  withSegment(app, async (segment) => {
    const { bucket, key } = locate(segment, path)
    const versions = await segment.versions.expunge(bucket.uid, [key])
    if (versions === 0) throw noObject(bucket, key)
    return versions
  })

/** Makes an older version the head again, as a new version. Gives the id that was restored. */
export const restoreObject = (app: App, path: string, version: string | undefined): Promise<string> =>
  withSegment(app, async (segment) => {
    const place = locate(segment, path)
    const ref = version === undefined ? latestLive(place) : versionOf(place, { version })
    refuseDelete(path, ref)
    await publishOne(place, wholeOf((await manifestOf(place, ref)).manifest))
    return ref.held?.id ?? ''
  })

/** What was asked for by its id may be one. @throws USAGE */
function refuseDelete(path: string, { kind, held }: VersionRef): void {
  if (kind !== 'deleted') return
  throw new EfsError('USAGE', `version ${held?.id.slice(0, 16)} of ${path} is a delete: it has no content`, {
    hint: `efs object versions ${path} shows those that have`,
  })
}

function latestLive({ segment, bucket, key }: Located): VersionRef {
  const found = segment.versions.versions(bucket.uid, key).find(({ kind }) => kind !== 'deleted')
  if (found === undefined) throw noObject(bucket, key)
  return found
}

/** Hands an object's bytes to `each`, in order. Gives how many there were. @throws NOT_FOUND, CORRUPT, USAGE (the range) */
export async function readObject(
  app: App,
  request: GetRequest,
  signal: AbortSignal,
  each: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  const { address } = parseObjectAddress(request.path)
  if (address.kind === 'remote') {
    const { readAtGateway } = await import('./at-gateway.js')
    return readAtGateway(app, address, request, signal, each)
  }
  return withSegment(app, async (segment) => {
    const { readContent } = await import('../../endpoints/read-content.js')
    const place = locate(segment, request.path)
    const ref = versionOf(place, request)
    refuseDelete(request.path, ref)
    if (ref.kind === 'folder')
      throw new EfsError('USAGE', `${request.path} is a folder`, { hint: 'efs sync brings a folder out' })
    const { manifest } = await manifestOf(place, ref)
    const range = byteRange(request.range, manifest.size)
    for await (const bytes of readContent(segment.chunks, manifest, range, signal)) await each(bytes)
    return range.end - range.start
  })
}
