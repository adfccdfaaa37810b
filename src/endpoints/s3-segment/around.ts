import type { ObjectStore } from '../../model/object-store.js'
import { OWN } from './layout.js'
import { isSegmentBelow } from './marker.js'

/**
 * The prefix of a segment that has everything below `prefix` for its own; undefined where there is none. `bucket` is all of one of S3.
 * @throws what a store throws
 */
export async function segmentAround(bucket: ObjectStore, prefix: string): Promise<string | undefined> {
  for (const around of prefixesAround(prefix)) if (await isSegmentBelow(bucket, around)) return around
  return undefined
}

/** Those of which one of the folders is `prefix`, or has it in it. */
function prefixesAround(prefix: string): string[] {
  const parts = prefix.split('/').slice(0, -1)
  return parts.flatMap((part, i) =>
    OWN.includes(`${part}/`)
      ? [
          parts
            .slice(0, i)
            .map((each) => `${each}/`)
            .join(''),
        ]
      : [],
  )
}
