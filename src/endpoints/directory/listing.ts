import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import type { Listing, ListOptions } from '../../model/endpoint.js'
import type { VersionRef } from '../../model/version-ref.js'
import { unpackRows } from './row-columns.js'
import { Walk, type WalkContext } from './walk.js'
import { WalkThread } from './walk-thread.js'

export interface ListContext extends WalkContext {
  readonly clock: Clock
}

/**
 * The rows of a directory in key order, a page at a time. Of a large one another thread looks at the files, while this one does what
 * the rows are for; a small one is done with before a thread would have begun.
 */
export async function* listDirectory(context: ListContext, options: ListOptions): Listing {
  const thread = yield* listHere(context, options)
  if (thread === undefined) return
  try {
    for (;;) {
      const { rows, takenMs, parked, lost } = await thread.next()
      options.signal?.throwIfAborted()
      for (const one of parked) context.parked(one)
      context.losses.addAll(lost)
      if (rows.keys.length === 0) return
      yield unpackRows(rows, takenMs)
    }
  } finally {
    await thread.stop()
  }
}

/** Gives the thread that goes on, where the first pages are not all. */
async function* listHere(
  context: ListContext,
  { signal, ...options }: ListOptions,
): AsyncGenerator<readonly VersionRef[], WalkThread | undefined> {
  const { root, clock } = context
  const walk = new Walk(context, options)
  const { skips, ...which } = options
  // What the caller passes over is known to this thread alone.
  const pagesHere = skips ? Number.POSITIVE_INFINITY : LIMITS.walkHerePagesMax
  for (let pages = 0; pages < pagesHere; pages++) {
    signal?.throwIfAborted()
    const page = walk.page(clock.nowMs())
    if (page.length === 0) return undefined
    yield page
  }
  return new WalkThread({ root, options: which, state: walk.state }, clock)
}
