import { EfsError } from '../../base/errors.js'
import type { Address, S3SegmentAddress } from '../../model/address.js'
import type { Endpoint } from '../../model/endpoint.js'
import { objectKey } from '../../model/key.js'
import type { Stats } from '../../model/stats.js'
import type { App } from '../app.js'
import { storingOf } from '../buckets.js'
import { hasText, noBucket, openArchive } from './open.js'

interface Opening {
  readonly app: App
  readonly need: 'read' | 'write' | 'list'
  /** What is on the other side. */
  readonly beside: Address
  readonly signal: AbortSignal
  readonly stats: Stats
}

/** A bucket, or a part of it, of a segment that stands in S3. What is written is made where there is none. */
export async function openBucketInS3(
  address: S3SegmentAddress,
  { app, need: asked, beside, signal, stats }: Opening,
): Promise<Endpoint> {
  const isWritten = asked === 'write'
  const need = isWritten ? 'write' : 'read'
  const archive = await openArchive(address.at, { app, need, signal, stats, looksForGone: true })
  const { segment, text, close } = archive
  try {
    const wanted = bucketFor(text, address, isWritten, beside, segment.buckets())
    if (isWritten) await segment.makeBucket(wanted)
    const prefix = address.rest === '' || address.rest.endsWith('/') ? address.rest : `${address.rest}/`
    if (prefix !== '') objectKey(prefix)
    const label = `${text}#${wanted}${prefix === '' ? '' : `/${prefix}`}`
    const at = { path: wanted, label, storing: storingOf({}) }
    return { ...(prefix === '' ? segment.bucket(at) : segment.part(at, prefix)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Which bucket is meant. @throws NOT_FOUND, USAGE where the address does not say */
function bucketFor(
  text: string,
  { bucket }: S3SegmentAddress,
  isWritten: boolean,
  beside: Address,
  there: string[],
): string {
  const others = 'bucket' in beside && beside.kind !== 's3' ? beside.bucket : undefined
  const named = bucket ?? (others !== undefined && (isWritten || there.includes(others)) ? others : undefined)
  if (named !== undefined) {
    if (isWritten || there.includes(named)) return named
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
