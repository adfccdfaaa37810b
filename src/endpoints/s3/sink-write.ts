import type { Clock } from '../../base/clock.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import { keyFault } from '../../model/key.js'
import type { Content } from '../../model/manifest.js'
import { objectPrint } from '../../model/version-ref.js'
import type { Arrived } from './arrivals.js'
import type { S3Bucket } from './bucket.js'
import { whileBusy } from './busy.js'
import type { Conditions } from './conditions.js'
import { dressFor, HASH } from './dress.js'
import { hasCode, isBusy, isUploadGone } from './faults.js'
import { type Head, headObject, type Only, putObject } from './putting.js'

/** Where objects are written. */
export interface Standing {
  readonly bucket: S3Bucket
  readonly prefix: string
  readonly clock: Clock
  readonly conditions: Conditions
  /** It refuses one of which the condition does hold, as Ceph does in a bucket that keeps versions, or did: none is of use there. */
  distrust(): void
}

export const PUBLISHED: PublishResult = { status: 'published' }
export const KNOWN: PublishResult = { status: 'known' }
export const parkedFor = (why: string): PublishResult => ({ status: 'parked', why })

/** By how much a server's clock may tell an object's time later than that of the answer to its write. */
const CLOCKS_MS = 2000

/** Why an object has no place in S3, or undefined. */
export function keyFaultAt(prefix: string, key: string): string | undefined {
  const fault = keyFault(prefix + key)
  return fault === undefined ? undefined : `with ${prefix} before it, ${fault}`
}

/** Writes an object where what stands there is what the plan saw. */
export async function writeNew(
  to: Standing,
  done: Done,
  content: Content,
  arrived: Arrived,
  signal: AbortSignal,
): Promise<PublishResult> {
  const before = await looked(to, done, content, arrived, signal)
  if ('conflict' in before) {
    await arrived.abort({ signal })
    return before.same ? written(to, before.same.etag, content.size) : parkedFor(before.conflict)
  }
  const key = to.prefix + done.key
  const write = async (only?: Only): Promise<PublishResult> => {
    const request = { signal, ...(only && { only }) }
    const etag =
      arrived.large === undefined
        ? await putObject(to.bucket, key, arrived.bytes ?? Buffer.alloc(0), { ...request, dress: dressFor(content) })
        : await arrived.large.complete(request)
    return etag === undefined ? parkedFor('its parts came out of order; run again') : written(to, etag, content.size)
  }
  try {
    return await whileBusy(signal, () => write(to.conditions === 'none' ? undefined : before.only))
  } catch (error) {
    if (!hasCode(error, 'CONFLICT') && !isUploadGone(error)) throw error
    const now = await headObject(to.bucket, key, { signal })
    // An answer that was lost: the same write, tried again, meets itself.
    if (now !== undefined && isSame(now, content)) {
      await arrived.abort({ signal })
      return written(to, now.etag, content.size)
    }
    if (isUploadGone(error)) {
      await arrived.abort({ signal })
      return parkedFor(GONE)
    }
    const holds = now === undefined ? !isObject(done) : isObject(done) && conflictWith(done, now) === undefined
    if (holds && !isBusy(error)) {
      to.distrust()
      return write()
    }
    await arrived.abort({ signal })
    if (holds) return parkedFor(BUSY)
    return parkedFor(done.there === undefined ? UNSEEN : CHANGED)
  }
}

export const BUSY = 'something else is done to it here at this moment; run again'
const GONE = 'its upload was given up here meanwhile; run again'
const UNSEEN = 'something is here that the plan did not see'
const CHANGED = 'it was changed here meanwhile'
export const DELETED = 'it was deleted here meanwhile'

/**
 * What stands there, where that has to be asked: before it is overwritten, before parts are put together (of which few
 * servers keep the condition), and where it is not sure that the server keeps conditions.
 */
async function looked(
  to: Standing,
  done: Done,
  content: Content,
  arrived: Arrived,
  signal: AbortSignal,
): Promise<{ readonly only: Only } | { readonly conflict: string; readonly same?: Head }> {
  const known = isObject(done)
  if (!known && to.conditions === 'kept' && arrived.large === undefined) return { only: { absent: true } }
  const now = await headObject(to.bucket, to.prefix + done.key, { signal })
  if (now === undefined) return known ? { conflict: DELETED } : { only: { absent: true } }
  const conflict = conflictWith(done, now)
  if (conflict === undefined) return { only: { etag: now.etag } }
  // Another run of the same brought it meanwhile.
  return { conflict, ...(!known && isSame(now, content) && { same: now }) }
}

const isSame = ({ metadata, size }: Head, content: Content): boolean =>
  metadata[HASH] === content.contentHash && size === content.size

const isObject = ({ there }: Done): boolean => there?.seen !== undefined

export function conflictWith({ there }: Done, now: Head): string | undefined {
  if (there?.seen === undefined) return UNSEEN
  const print = objectPrint(now.etag, now.size, now.modifiedMs, 0)
  const isSame = print.inode === there.seen.inode && print.size === there.seen.size
  return isSame && print.mtimeNs <= there.seen.mtimeNs ? undefined : CHANGED
}

/** The server tells no time with a write, but the time of its answer, which is not earlier. */
function written({ bucket, clock }: Standing, etag: string, size: number): PublishResult {
  const serverMs = bucket.serverMs()
  if (serverMs === undefined) return { status: 'published' }
  return { status: 'published', seen: objectPrint(etag, size, serverMs + CLOCKS_MS, clock.nowMs()) }
}
