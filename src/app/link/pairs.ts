import { kindOfName, lastPart } from '../../model/names.js'
import type { Served } from '../../model/service.js'

/** Two buckets that a service keeps the same. */
export interface BucketPair {
  /** `Hawaii/Cola/bk1`, in this segment. */
  readonly here: string
  /** What it is called at the peer. */
  readonly there: string
  /** Nothing is to be sent. */
  readonly pause: boolean
  /** The served path that it comes from. */
  readonly served: string
}

/**
 * The pairs of a served path. `here` and `there` give the buckets of a tenant, by their paths; a tenant's buckets are those of either
 * side.
 */
export function pairsOf(
  { path, as = path, pause }: Served,
  here: (tenant: string) => readonly string[],
  there: (tenant: string) => readonly string[],
): BucketPair[] {
  if (kindOfName(path) === 'bucket') return [{ here: path, there: as, pause, served: path }]
  const names = new Set([...here(path), ...there(as)].map(lastPart))
  return [...names].sort().map((name) => ({ here: `${path}/${name}`, there: `${as}/${name}`, pause, served: path }))
}
