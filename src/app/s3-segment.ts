import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { EfsError, systemCode } from '../base/errors.js'
import { s3Store } from '../endpoints/s3/store.js'
import { findOrMakeSegment, findSegment } from '../endpoints/s3-segment/marker.js'
import { type ObjectSegment, type OpenCache, openObjectSegment } from '../endpoints/s3-segment/segment.js'
import type { Address, S3SegmentAddress } from '../model/address.js'
import type { Endpoint } from '../model/endpoint.js'
import type { SegmentGuid } from '../model/ids.js'
import { objectKey } from '../model/key.js'
import type { ObjectStore } from '../model/object-store.js'
import type { Stats } from '../model/stats.js'
import { INDEX_FORMAT } from '../store/index-row.js'
import { initSegment, openSegment } from '../store/segment.js'
import { type App, hasSegment } from './app.js'
import { storingOf } from './buckets.js'
import { s3PlaceOf } from './s3.js'

interface Opening {
  readonly app: App
  readonly need: 'read' | 'write' | 'list'
  /** What is on the other side. */
  readonly beside: Address
  readonly signal: AbortSignal
  readonly stats: Stats
}

/** A bucket, or a part of it, of a segment that stands in S3. What is written is made where there is none. */
export async function openBucketInS3(address: S3SegmentAddress, opening: Opening): Promise<Endpoint> {
  const { app, need } = opening
  const { bucket, prefix } = address.at
  const store = await s3Store(await s3PlaceOf(app, address.at))
  const place = `s3+segment://${bucket}/${prefix}`
  try {
    const guid = await (need === 'write' ? findOrMakeSegment(store) : findSegment(store))
    if (guid === undefined) throw noSegment(place)
    return await openIn({ store, guid, place }, address, opening)
  } catch (error) {
    store.close()
    throw error
  }
}

interface At {
  readonly store: ObjectStore
  readonly guid: SegmentGuid
  readonly place: string
}

async function openIn(
  { store, guid, place }: At,
  address: S3SegmentAddress,
  { app, need, beside, signal, stats }: Opening,
): Promise<Endpoint> {
  const cache = await cacheOf(app, guid)
  const segment = await openObjectSegment(store, guid, cache.open, { signal, stats })
  try {
    const wanted = bucketFor(place, address, need === 'write', beside, segment.buckets())
    if (need === 'write') await segment.makeBucket(wanted)
    const prefix = address.rest === '' || address.rest.endsWith('/') ? address.rest : `${address.rest}/`
    if (prefix !== '') objectKey(prefix)
    const label = `${place}#${wanted}${prefix === '' ? '' : `/${prefix}`}`
    const at = { path: wanted, label, storing: storingOf({}) }
    return {
      ...(prefix === '' ? segment.bucket(at) : segment.part(at, prefix)),
      close: () => closeAll(segment, cache, store),
    }
  } catch (error) {
    await closeAll(segment, cache, undefined)
    throw error
  }
}

async function closeAll(segment: ObjectSegment, cache: Cache, store: ObjectStore | undefined): Promise<void> {
  try {
    await segment.close()
  } finally {
    await cache.end()
    store?.close()
  }
}

/** Which bucket is meant. @throws NOT_FOUND, USAGE where the address does not say */
function bucketFor(
  place: string,
  { bucket }: S3SegmentAddress,
  isWritten: boolean,
  beside: Address,
  there: string[],
): string {
  const others = 'bucket' in beside && beside.kind !== 's3' ? beside.bucket : undefined
  const named = bucket ?? (others !== undefined && (isWritten || there.includes(others)) ? others : undefined)
  if (named !== undefined) {
    if (isWritten || there.includes(named)) return named
    throw new EfsError('NOT_FOUND', `no bucket ${named} in ${place}`, { hint: hintOf(there) })
  }
  const [only] = there
  if (only !== undefined && there.length === 1) return only
  const form = `${place}#${only ?? 'Hawaii/Cola/bk1'}`
  if (only === undefined) throw new EfsError('NOT_FOUND', `no bucket in ${place}`, { hint: `name one: ${form}` })
  throw new EfsError('USAGE', `${there.length} buckets are in ${place}`, {
    hint: `name one: ${form}; ${hintOf(there)}`,
  })
}

const hintOf = (there: readonly string[]): string =>
  there.length === 0 ? 'there is none yet' : `there is ${there.slice(0, 5).join(', ')}`

interface Cache {
  readonly open: OpenCache
  /** After it is closed. */
  end(): Promise<void>
}

/** What is known of a segment in S3 is kept in the home; where there is none, for this run only. */
async function cacheOf(app: App, guid: SegmentGuid): Promise<Cache> {
  if (!hasSegment(app)) {
    const folder = await mkdtemp(path.join(tmpdir(), 'efs-'))
    const home = path.join(folder, 'cache')
    return { open: openerOf(app, home), end: () => rm(folder, { recursive: true, force: true }) }
  }
  const home = path.join(app.home, 'archives', `${guid}-${INDEX_FORMAT}`)
  return { open: openerOf(app, home), end: async () => undefined }
}

const openerOf =
  ({ clock }: App, home: string): OpenCache =>
  async (elsewhere) => {
    if (!existsSync(home)) await makeCache(home, clock)
    try {
      return await openSegment(home, { clock, elsewhere })
    } catch (error) {
      if (!(error instanceof EfsError && error.code === 'CORRUPT')) throw error
      const hint = `remove ${home}: it is made anew from what is in S3`
      throw new EfsError('CORRUPT', error.message, { hint, cause: error })
    }
  }

/** Two processes may make it at once: the first one's stays. */
async function makeCache(home: string, clock: App['clock']): Promise<void> {
  await mkdir(path.dirname(home), { recursive: true })
  const made = await mkdtemp(`${home}-`)
  try {
    await initSegment(made, { clock })
    await rename(made, home)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    const code = systemCode(error)
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

const noSegment = (place: string): EfsError =>
  new EfsError('NOT_FOUND', `no segment in ${place}`, { hint: 'it is made by the first efs sync that writes there' })
