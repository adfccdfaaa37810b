import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { CallOptions, Done } from '../../model/endpoint.js'
import type { Extent, SameExtent } from '../../model/extent.js'
import type { Content } from '../../model/manifest.js'
import { hasCode } from './faults.js'
import { type LargeTo, LargeWrite } from './large-write.js'
import { copiedExtents, isCopied, layParts, worthCopying } from './parts.js'
import { headObject } from './putting.js'
import { CHANGED, conflictWith, DELETED } from './sink-write.js'

export interface Reuse {
  /** What the object begins with; undefined where all of it is to be sent. */
  readonly begun?: { readonly large: LargeWrite } | { readonly fault: string }
  /** Of which nothing has to come, in order. */
  readonly extents: readonly Extent[]
}

const NOTHING: Reuse = { extents: [] }

/**
 * Begins a large object with the parts that are the same in what stands there: the server copies them, under the condition that it still is
 * what the plan saw. All are copied before this settles, so that what the server does not copy can still be sent. What was changed
 * meanwhile needs nothing sent: it is parked.
 * @throws UNREACHABLE, DISK_FULL
 */
export async function reuseStanding(
  to: LargeTo & { readonly prefix: string },
  done: Done,
  same: AsyncIterable<SameExtent>,
  options: CallOptions,
): Promise<Reuse> {
  const content: Content = 'manifest' in done.content ? done.content.manifest : done.content
  const { kind, size } = content
  if (kind !== 'file' || size <= LIMITS.s3WholeBytesMax) return NOTHING
  const parts = layParts(size, await worthCopying(size, same))
  if (!parts.some(isCopied)) return NOTHING
  const faulty = (fault: string): Reuse => ({ begun: { fault }, extents: [{ offset: 0, length: size }] })
  const now = await headObject(to.bucket, to.prefix + done.key, options)
  if (now === undefined) return faulty(DELETED)
  const conflict = conflictWith(done, now)
  if (conflict !== undefined) return faulty(conflict)
  const large = new LargeWrite(to, to.prefix + done.key, content, { parts, etag: now.etag })
  try {
    await large.copy(options)
    return { begun: { large }, extents: copiedExtents(parts) }
  } catch (error) {
    if (!isRefusal(error)) throw error
    await large.abort(options)
    return hasCode(error, 'CONFLICT') ? faulty(CHANGED) : NOTHING
  }
}

/** Not every server copies parts, nor everything that it has, nor for everybody who may write. */
const isRefusal = (error: unknown): boolean =>
  error instanceof EfsError && ['CONFLICT', 'FAILED', 'REFUSED', 'NOT_FOUND'].includes(error.code)
