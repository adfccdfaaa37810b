import { EfsError } from '../../base/errors.js'
import { segmentAround } from '../../endpoints/s3-segment/around.js'
import { isSegmentBelow } from '../../endpoints/s3-segment/marker.js'
import type { ObjectStore } from '../../model/object-store.js'
import { type S3Address, s3SegmentText, s3Text } from '../../model/s3-address.js'
import type { App } from '../app.js'
import { s3PlaceOf } from './s3.js'

/** What is to be written below a prefix: objects of their own, or a segment. */
export type Writing = 'objects' | 'segment'

/**
 * Objects of a segment in S3 are its own: nothing else is written among them, nor taken away.
 * @throws USAGE where one stands there, or around it; what a store throws
 */
export async function assertRoom(app: App, at: S3Address, writing: Writing, signal?: AbortSignal): Promise<void> {
  const { s3Store } = await import('../../endpoints/s3/store.js')
  const bucket = await s3Store({ ...(await s3PlaceOf(app, at)), prefix: '' })
  const store: ObjectStore = { ...bucket, list: (options) => bucket.list({ ...(signal && { signal }), ...options }) }
  try {
    if (writing === 'objects' && (await isSegmentBelow(store, at.prefix))) throw taken(at)
    const around = await orUntold(segmentAround(store, at.prefix))
    if (around !== undefined) throw within(at, { ...at, prefix: around }, writing)
  } finally {
    bucket.close()
  }
}

/** Whoever may write there may not be allowed to list what is around it. */
async function orUntold<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof EfsError && error.code === 'REFUSED') return undefined
    throw error
  }
}

const taken = (at: S3Address): EfsError =>
  new EfsError(
    'USAGE',
    `${s3Text(at)} is the segment ${s3SegmentText(at)}, and other objects would stand among its own`,
    {
      hint: `name another prefix, or ${s3SegmentText(at)} to write to the segment`,
    },
  )

const within = (at: S3Address, around: S3Address, writing: Writing): EfsError =>
  new EfsError(
    'USAGE',
    `${writing === 'segment' ? s3SegmentText(at) : s3Text(at)} is among the objects of the segment ${s3SegmentText(around)}`,
    { hint: 'name a prefix that is not within it' },
  )
