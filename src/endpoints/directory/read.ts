import type { Clock } from '../../base/clock.js'
import type { Parcel, ReadOptions, Wanted } from '../../model/endpoint.js'
import type { Stats } from '../../model/stats.js'
import { batches } from '../batches.js'
import { Crew } from './crew.js'
import type { Lost } from './losses.js'

export interface ReadFrom {
  readonly root: string
  readonly clock: Clock
  readonly stats: Stats
  /** Told of what is not kept of what was read. */
  lost(lost: readonly Lost[]): void
  /** Crews whose workers run; whoever closes the endpoint stops those that are left. */
  readonly crews: Set<Crew>
}

/** Reads files in worker threads. The workers end with the last release, at once when the reader stops early. */
export async function* readFiles(
  from: ReadFrom,
  wanted: AsyncIterable<readonly Wanted[]>,
  how: ReadOptions,
): AsyncGenerator<Parcel> {
  const crew = new Crew(from.root, how, from.stats, from.lost)
  from.crews.add(crew)
  const stop = async (): Promise<void> => {
    from.crews.delete(crew)
    await crew.stop()
  }
  const onAbort = (): void => crew.fail(how.signal?.reason)
  how.signal?.addEventListener('abort', onAbort)
  let whole = false
  try {
    how.signal?.throwIfAborted()
    feed(crew, wanted, from.clock).catch((error: unknown) => crew.fail(error))
    for (let parcel = await crew.next(); parcel !== undefined; parcel = await crew.next()) yield parcel
    whole = true
  } finally {
    how.signal?.removeEventListener('abort', onAbort)
    if (whole && crew.holds) crew.onLastRelease = () => void stop()
    else await stop()
  }
}

async function feed(crew: Crew, wanted: AsyncIterable<readonly Wanted[]>, clock: Clock): Promise<void> {
  for await (const batch of batches(wanted)) await crew.assign(batch, clock.nowMs())
  crew.endFeed()
}
