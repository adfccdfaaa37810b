import type { Clock } from '../../base/clock.js'
import type { Endpoint, Looker, Reader, Sink } from '../../model/endpoint.js'
import type { Stats } from '../../model/stats.js'
import { openBucket, shown } from './bucket.js'
import { Denials } from './denials.js'
import { listHistory } from './history.js'
import { listBelow } from './list-below.js'
import { lookRows } from './look.js'
import { readObjects } from './reader.js'
import { listRows } from './rows.js'
import { S3Sink } from './sink.js'
import { identityOf, type S3Place } from './store.js'
import { UploadNotes } from './upload-notes.js'

export interface S3Options {
  readonly clock: Clock
  /** What is read is counted here. */
  readonly stats: Stats
  /** A folder for notes of uploads that are not complete, so that the next run goes on with them. */
  readonly uploads: string
}

export interface S3Endpoint extends Endpoint {
  readonly source: Reader & Looker
  readonly sink: Sink & Looker
}

/**
 * Objects of an S3 bucket below a prefix, each readable by any tool. Nothing is asked of the server yet.
 * @throws USAGE where the endpoint is no URL
 */
export async function s3Endpoint(place: S3Place, { clock, stats, uploads }: S3Options): Promise<S3Endpoint> {
  const bucket = await openBucket(place.access, place.bucket)
  const { prefix } = place
  const identity = identityOf(bucket, place)
  return {
    label: shown(bucket, prefix),
    identity,
    source: {
      kind: 'reads',
      list: (how, parked) =>
        listBelow({ bucket, prefix }, listRows({ bucket, prefix, clock, withRoot: false, parked }, how), how),
      look: (keys, parked, how = {}) => lookRows({ bucket, prefix, clock, withRoot: false, parked }, keys, how),
      history: (how) => listHistory({ bucket, prefix, clock }, how),
      read: (wanted, how) => {
        const denials = new Denials(shown(bucket, prefix), 'read')
        return readObjects({ bucket, prefix, clock, stats, denials }, wanted, how)
      },
    },
    sink: new S3Sink({ bucket, prefix, clock, notes: new UploadNotes(uploads), place: identity }),
    close: async () => bucket.close(),
  }
}
