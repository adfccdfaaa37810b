import { kindOfName } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Served } from '../../model/service.js'
import { type BucketPair, pairsOf } from './pairs.js'
import type { Peer } from './peer.js'

/** The pairs of buckets that a service is for, now: of a tenant those of either side. @throws NOT_FOUND for a tenant that the peer lacks; UNREACHABLE */
export async function servicePairs(
  segment: Pick<Segment, 'names'>,
  served: readonly Served[],
  peer: Pick<Peer, 'bucketsOf'>,
): Promise<BucketPair[]> {
  const there = new Map<string, readonly string[]>()
  for (const { path, as = path } of served) if (kindOfName(as) === 'tenant') there.set(as, await peer.bucketsOf(as))
  return served.flatMap((one) =>
    pairsOf(
      one,
      (tenant) => bucketsHere(segment, tenant),
      (tenant) => there.get(tenant) ?? [],
    ),
  )
}

/** The buckets of a tenant here, by their paths; none of a bucket. */
export const bucketsHere = ({ names }: Pick<Segment, 'names'>, path: string): string[] =>
  names.children(path).map((child) => child.path)
