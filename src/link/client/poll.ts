import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { ChangePage, ChangesOptions } from '../../model/live.js'
import type { Position } from '../../model/position.js'
import { errorOf } from '../protocol/failure.js'
import { type BucketRef, type News, OPS } from '../protocol/ops.js'
import type { LinkClient } from './client.js'

/** A bucket, and how far its changes are known. */
export interface Watch {
  readonly bucket: BucketRef
  readonly since: Position
}

export type BucketNews =
  | { readonly kind: 'page'; readonly page: ChangePage }
  /** That position means nothing to the peer (any more). */
  | { readonly kind: 'plan' }
  /** The peer sends this bucket by itself. */
  | { readonly kind: 'sent' }
  /** What the peer says of this bucket: deleted, no right to it. */
  | { readonly kind: 'failed'; readonly error: EfsError }

export interface PollOptions extends ChangesOptions {
  /** How long the peer waits for something to tell, at most LIMITS.linkPollMsMax. */
  readonly waitMs: number
}

/**
 * What is new in buckets of one peer, one answer for each, in order: as soon as there is something in one of them, or after
 * `waitMs`. Something is rows, `plan` and `failed`; who asks again from the same position for these is answered at once again.
 * @throws UNREACHABLE, REFUSED
 */
export async function pollChanges(
  client: LinkClient,
  buckets: readonly Watch[],
  { without, waitMs, signal }: PollOptions,
): Promise<BucketNews[]> {
  const wait = Math.min(Math.floor(waitMs), LIMITS.linkPollMsMax)
  const extras = { ...(signal && { signal }), ...(wait > 0 && { waitMs: wait }) }
  const { message } = await client.call(OPS.changes, { buckets, without, waitMs: wait }, extras)
  if (message.news.length !== buckets.length) throw new EfsError('FAILED', 'the peer told news of other buckets')
  return message.news.map(newsOf)
}

function newsOf({ kind, rows = [], upTo, more = false, failure }: News): BucketNews {
  switch (kind) {
    case 'page':
      if (upTo === undefined) throw new EfsError('FAILED', 'the peer told changes without their position')
      return { kind, page: { refs: rows, upTo, more } }
    case 'failed':
      return {
        kind,
        error: errorOf(failure ?? { code: 'FAILED', message: 'the peer does not say why', hint: undefined }),
      }
    case 'plan':
    case 'sent':
      return { kind }
  }
}
