import { EfsError, type ErrorCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { findSegment } from '../../endpoints/s3-segment/marker.js'
import { kindOfName, parentOf } from '../../model/names.js'
import type { S3Address } from '../../model/s3-address.js'
import type { Segment } from '../../model/segment.js'
import type { Served, Service } from '../../model/service.js'
import type { App } from '../app.js'
import { notAskedFor } from '../link/inquiry.js'
import { rulesOf } from '../link/rules.js'
import { assertRoom } from '../s3/room.js'
import { hasText, noBucket, openArchive, withStore } from './open.js'

/** What is so whoever asks; the gateway may have other keys, or be where S3 can be reached. */
const OF_THE_PLACE: readonly ErrorCode[] = ['NOT_FOUND', 'CORRUPT', 'NEWER_FORMAT', 'USAGE']

interface Asking {
  readonly app: App
  readonly segment: Segment
  readonly service: Service
  readonly at: S3Address
}

/**
 * Whether a served path can work with the segment in S3 that a service has as its peer, as far as that answers soon; gives in words
 * why it was not asked. With `create` a bucket that is to be received and is not there is made.
 * @throws NOT_FOUND for a bucket, a tenant or the segment where it is only received from and they are not there; for a bucket of S3;
 * CORRUPT, NEWER_FORMAT for what stands there
 */
export async function askArchive(
  { app, segment, service, at }: Asking,
  { path, as = path, pause }: Served,
  create: boolean,
): Promise<string[]> {
  if (segment.unadopted) return ['the segment in S3 was not asked: links pause until efs system adopt']
  const { sends, receives } = rulesOf(service)
  const signal = AbortSignal.timeout(LIMITS.archiveAskMsMax)
  const mustBeThere = receives && !(sends && !pause)
  try {
    if (!mustBeThere || create) await assertRoom(app, at, 'segment', signal)
    if (mustBeThere) await find(app, at, as, create, signal)
    else await withStore(app, at, signal, findSegment)
    return []
  } catch (error) {
    if (error instanceof EfsError && OF_THE_PLACE.includes(error.code)) throw error
    return [`the segment in S3 was not asked: ${notAskedFor(error, LIMITS.archiveAskMsMax)}`]
  }
}

async function find(app: App, at: S3Address, as: string, create: boolean, signal: AbortSignal): Promise<void> {
  const archive = await openArchive(at, { app, need: create ? 'write' : 'read', signal, looksForGone: false })
  try {
    const there = archive.segment.buckets()
    if (kindOfName(as) === 'tenant') {
      if (!create && !there.some((one) => parentOf(one) === as)) throw noTenant(as, archive.text, there)
    } else if (create) await archive.segment.makeBucket(as)
    else if (!there.includes(as)) throw noBucket(as, archive.text, there)
  } finally {
    await archive.close()
  }
}

function noTenant(tenant: string, text: string, there: readonly string[]): EfsError {
  const tenants = [...new Set(there.map(parentOf))]
  return new EfsError('NOT_FOUND', `no tenant ${tenant} in ${text}`, { hint: hasText(tenants, tenant) })
}
