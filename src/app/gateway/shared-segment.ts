import { statSync } from 'node:fs'
import type { Clock } from '../../base/clock.js'
import type { Segment } from '../../model/segment.js'
import { homePaths } from '../../store/home.js'
import { readIdentity } from '../../store/identity.js'
import { openSegment } from '../../store/segment.js'

/** The one open segment of a gateway. */
export interface SharedSegment {
  readonly segment: Segment
  /** Whether the home has been repaired, restored or adopted since: it has to be closed and opened again. @throws NOT_FOUND where it is gone */
  isStale(): boolean
}

/** @throws NOT_FOUND, NEWER_FORMAT, CORRUPT, REFUSED. The caller closes the segment. */
export async function openShared(home: string, clock: Clock): Promise<SharedSegment> {
  // Before it is opened: what replaces it meanwhile is noticed.
  const before = traceOf(home)
  const segment = await openSegment(home, { clock })
  const { unadopted } = segment
  return { segment, isStale: () => traceOf(home) !== before || segment.unadopted !== unadopted }
}

/** Which files it is that the segment stands in. */
function traceOf(home: string): string {
  const { guid, inode } = readIdentity(home)
  const index = statSync(homePaths(home).index, { throwIfNoEntry: false })
  return `${guid} ${inode} ${index?.ino ?? 'none'}`
}
