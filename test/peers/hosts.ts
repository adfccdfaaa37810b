import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { segmentGuid } from '../../src/model/ids.js'
import type { Grants } from '../../src/model/link.js'
import type { Segment } from '../../src/model/segment.js'
import { openSegment } from '../../src/store/segment.js'
import { home } from '../store/homes.js'

export const GUEST = segmentGuid('21d055ae'.padEnd(32, '1'))
export const OTHER = segmentGuid('33aa55ae'.padEnd(32, '2'))
export const MARK = `sha256:${'9f2c'.repeat(16)}`
export const START_MS = 1_700_000_000_000
export const GRANTS: Grants = { 'Hawaii/Cola/bk1': { read: false, write: true } }

/** A segment that is closed when the test ends. */
export async function host(): Promise<Segment> {
  const segment = await openSegment(await home(), { clock: systemClock })
  onTestFinished(() => segment.close())
  return segment
}
