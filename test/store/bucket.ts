import type { Segment } from '../../src/model/segment.js'

/** The one bucket of a test's home. Apart from homes.ts, so that a process without vitest can use it. */
export function bucketOf(segment: Pick<Segment, 'names'>): NonNullable<ReturnType<Segment['names']['find']>>['uid'] {
  const named = segment.names.find('Hawaii/Cola/bk1')
  if (named === undefined) throw new Error('no bucket')
  return named.uid
}
