import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { contentOf } from '../../model/done.js'
import type { CallOptions, Done } from '../../model/endpoint.js'
import type { Extent, SameExtent } from '../../model/extent.js'
import { isDenied } from './faults.js'
import { type LargeTo, LargeWrite } from './large-write.js'
import { copiedExtents, isCopied, layParts, worthCopying } from './parts.js'
import { type Head, headObject } from './putting.js'
import { conflictWith, DELETED } from './sink-write.js'
import type { Origin } from './upload.js'

export interface Reuse {
  /** What the object begins with; undefined where all of it is to be sent. */
  readonly begun?: { readonly large: LargeWrite } | { readonly fault: string } | { readonly denied: EfsError }
  /** Of which nothing has to come, in order. */
  readonly extents: readonly Extent[]
}

const NOTHING: Reuse = { extents: [] }

/**
 * Begins a large object with the parts that are the same in what stands there, which the server copies. All are copied before this settles, so that
 * where one is not, all can still be sent: not every server copies parts, nor all that it has, nor for everybody who may write. What
 * was changed meanwhile needs nothing sent: it is parked. Not every server keeps the condition of a copy, but what stands there is
 * looked at once more before the parts become the object.
 */
export async function reuseStanding(
  to: LargeTo & { readonly prefix: string },
  done: Done,
  same: AsyncIterable<SameExtent>,
  options: CallOptions,
): Promise<Reuse> {
  try {
    return await reuse(to, done, same, options)
  } catch (error) {
    if (!isDenied(error)) throw error
    return { begun: { denied: error }, extents: [{ offset: 0, length: contentOf(done).size }] }
  }
}

async function reuse(
  to: LargeTo & { readonly prefix: string },
  done: Done,
  same: AsyncIterable<SameExtent>,
  options: CallOptions,
): Promise<Reuse> {
  const content = contentOf(done)
  const { kind, size } = content
  if (kind !== 'file' || size <= LIMITS.s3WholeBytesMax) return NOTHING
  const parts = layParts(size, await worthCopying(size, same))
  if (!parts.some(isCopied)) return NOTHING
  const faulty = (fault: string): Reuse => ({ begun: { fault }, extents: [{ offset: 0, length: size }] })
  const key = to.prefix + done.key
  const now = await headObject(to.bucket, key, options)
  if (now === undefined) return faulty(DELETED)
  const fault = conflictWith(done, now)
  if (fault !== undefined) return faulty(fault)
  const large = new LargeWrite(to, key, content, { parts, origin: originOf(now) })
  try {
    await large.copy(options)
    return { begun: { large }, extents: copiedExtents(parts) }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!(error instanceof EfsError)) throw error
    await large.abort(options)
    const after = await headObject(to.bucket, key, options)
    const since = after === undefined ? DELETED : conflictWith(done, after)
    return since === undefined ? NOTHING : faulty(since)
  }
}

const originOf = ({ etag, version }: Head): Origin => ({ etag, ...(version !== undefined && { version }) })
