import type { Rights } from '../../model/link.js'
import { kindOfName } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Served } from '../../model/service.js'
import { type BucketPair, pairsOf } from './pairs.js'
import type { Peer } from './peer.js'
import type { LinkRules } from './rules.js'

type Ways = Pick<LinkRules, 'sends' | 'receives'>

/**
 * The pairs of buckets that a served path is for, now: of a tenant those that both sides have, and those of one side that go to the other.
 * @throws NOT_FOUND for a tenant that the peer lacks; UNREACHABLE
 */
export async function servicePairs(
  segment: Pick<Segment, 'names'>,
  served: Served,
  peer: Pick<Peer, 'bucketsOf' | 'rightsTo'>,
  rules: Ways,
  signal: AbortSignal,
): Promise<BucketPair[]> {
  const { path, as = path } = served
  const isBucket = kindOfName(as) === 'bucket'
  const theirs = isBucket ? [] : await peer.bucketsOf(as, signal)
  const pairs = pairsOf(
    served,
    (tenant) => bucketsHere(segment, tenant),
    () => theirs,
  )
  if (isBucket) return pairs
  return pairs.filter((pair) => {
    const isHere = segment.names.find(pair.here) !== undefined
    if (isHere && theirs.includes(pair.there)) return true
    const rights = peer.rightsTo(pair.there)
    return isHere ? isGiven(pair, rules, rights) : isTaken(rules, rights)
  })
}

// Where the peer gives no right at all, that is told when the pair is opened.

const isGiven = ({ pause }: BucketPair, { sends }: Ways, { read, write }: Rights): boolean =>
  sends && !pause && (write || !read)

const isTaken = ({ receives }: Ways, { read, write }: Rights): boolean => receives && (read || !write)

/** The buckets of a tenant here, by their paths; none of a bucket. */
export const bucketsHere = ({ names }: Pick<Segment, 'names'>, path: string): string[] =>
  names.children(path).map((child) => child.path)
