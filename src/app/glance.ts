import type { Segment } from '../model/segment.js'

/** The first of what a segment's glance finds wrong: what its index says proves nothing then. */
export async function firstWrong(segment: Segment): Promise<string | undefined> {
  const [first] = await segment.glance()
  return first && `${first.pack}: ${first.what}`
}
