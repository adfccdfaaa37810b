import { EfsError } from '../../base/errors.js'
import { findSegment } from '../../endpoints/s3-segment/marker.js'
import type { Address, S3SegmentAddress } from '../../model/address.js'
import type { Endpoint } from '../../model/endpoint.js'
import { objectKey } from '../../model/key.js'
import { s3SegmentText } from '../../model/s3-address.js'
import type { Stats } from '../../model/stats.js'
import type { App } from '../app.js'
import { storingOf } from '../buckets.js'
import { assertRoom } from '../s3/room.js'
import { hasText, noBucket, openArchive, withStore } from './open.js'
import { unmadeBucket } from './unmade.js'

interface Opening {
  readonly app: App
  readonly need: 'read' | 'write' | 'list'
  /** What is on the other side. */
  readonly beside: Address
  /** `empty`: what is not there is to be planned for, and nothing is made. */
  readonly missing: 'made' | 'empty' | undefined
  readonly signal: AbortSignal
  readonly stats: Stats
}

/** A bucket, or a part of it, of a segment that stands in S3. What is written is made where there is none. */
export async function openBucketInS3(address: S3SegmentAddress, opening: Opening): Promise<Endpoint> {
  const { app, need: asked, beside, missing, signal, stats } = opening
  const isWritten = asked === 'write'
  const need = isWritten ? 'write' : 'read'
  const mayBeMade = isWritten || missing === 'empty'
  if (mayBeMade) await assertRoom(app, address.at, 'segment', signal)
  const isThere = missing !== 'empty' || (await withStore(app, address.at, signal, findSegment)) !== undefined
  const archive = isThere ? await openArchive(address.at, { app, need, signal, stats, looksForGone: true }) : undefined
  const text = archive?.text ?? s3SegmentText(address.at)
  try {
    const there = archive?.segment.buckets() ?? []
    const wanted = bucketFor(text, address, mayBeMade, beside, there)
    const prefix = address.rest === '' || address.rest.endsWith('/') ? address.rest : `${address.rest}/`
    if (prefix !== '') objectKey(prefix)
    const label = `${text}#${wanted}${prefix === '' ? '' : `/${prefix}`}`
    if (archive === undefined || !(isWritten || there.includes(wanted))) {
      await archive?.close()
      return unmadeBucket(label)
    }
    const { segment, close } = archive
    if (isWritten) await segment.makeBucket(wanted)
    const at = { path: wanted, label, storing: storingOf({}) }
    return { ...(prefix === '' ? segment.bucket(at) : segment.part(at, prefix)), close }
  } catch (error) {
    await archive?.close()
    throw error
  }
}

/** Which bucket is meant. @throws NOT_FOUND, USAGE where the address does not say */
function bucketFor(
  text: string,
  { bucket }: S3SegmentAddress,
  mayBeMade: boolean,
  beside: Address,
  there: string[],
): string {
  const others = 'bucket' in beside && beside.kind !== 's3' ? beside.bucket : undefined
  const named = bucket ?? (others !== undefined && (mayBeMade || there.includes(others)) ? others : undefined)
  if (named !== undefined) {
    if (mayBeMade || there.includes(named)) return named
    throw noBucket(named, text, there)
  }
  const [only] = there
  if (only !== undefined && there.length === 1) return only
  const form = `${text}#${only ?? 'Hawaii/Cola/bk1'}`
  if (only === undefined) throw new EfsError('NOT_FOUND', `no bucket in ${text}`, { hint: `name one: ${form}` })
  throw new EfsError('USAGE', `${there.length} buckets are in ${text}`, {
    hint: `name one: ${form}; ${hasText(there)}`,
  })
}
