import { existsSync } from 'node:fs'
import path from 'node:path'
import { EfsError } from '../../base/errors.js'
import type { Address } from '../../model/address.js'
import type { Endpoint } from '../../model/endpoint.js'
import { objectKey } from '../../model/key.js'
import type { LiveBucket } from '../../model/live.js'
import type { Named } from '../../model/name-space.js'
import type { Segment } from '../../model/segment.js'
import type { App } from '../app.js'
import { effectiveSettings, findBucket, storingOf } from '../buckets.js'
import { firstWrong } from '../glance.js'

interface Opening {
  readonly app: App
  /** What is on the other side. */
  readonly beside: Address
  segment(home: string): Promise<Segment>
}

export const isFolder = (text: string): boolean => text !== '' && existsSync(`${text}/.`)

export const folderMeant = (text: string, cause: unknown): EfsError =>
  new EfsError('USAGE', `${text} is a folder, not a bucket`, { hint: `did you mean ./${text}?`, cause })

/** A bucket of a segment on this machine, or a part of it. @throws NOT_FOUND, USAGE */
export async function openBucket(
  address: Address & { kind: 'bucket' },
  { app, beside, segment }: Opening,
): Promise<Endpoint> {
  const [{ segmentEndpoint }, { prefixedSink }] = await Promise.all([
    import('../../endpoints/segment.js'),
    import('../../endpoints/prefix.js'),
  ])
  const home = address.home === undefined ? app.home : path.resolve(address.home)
  const typed = address.rest === '' ? address.bucket : `${address.bucket}/${address.rest}`
  const store = await segment(home)
  try {
    const bucket = findBucket(store.names, address.bucket)
    const prefix = address.rest === '' || address.rest.endsWith('/') ? address.rest : `${address.rest}/`
    if (prefix !== '') objectKey(prefix)
    const whole = await wholeOf(store, bucket, beside)
    const endpoint = {
      ...segmentEndpoint(store, bucket, prefix, storingOf(effectiveSettings(store.names, bucket.path))),
      place: { segment: store, bucket },
      glance: () => firstWrong(store),
    }
    return prefix === '' ? { ...endpoint, ...whole } : { ...endpoint, sink: prefixedSink(whole.sink, prefix) }
  } catch (error) {
    if (address.home === undefined && isFolder(typed)) throw folderMeant(typed, error)
    throw error
  }
}

/** A gateway that is asked for less than it offers would learn what other tenants have here: it is treated as the peer of a link is. */
async function wholeOf(store: Segment, bucket: Named, beside: Address): Promise<LiveBucket> {
  if (beside.kind === 'remote') {
    const { Premises } = await import('../link/premises.js')
    return new Premises(store).bucket(bucket)
  }
  const { liveBucket } = await import('../../endpoints/live-bucket.js')
  return liveBucket(store, bucket, storingOf(effectiveSettings(store.names, bucket.path)))
}
