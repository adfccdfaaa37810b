import { EfsError } from '../../base/errors.js'
import { failed, notReached, passed, warned } from '../../model/finding.js'
import { parentOf } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { isUnset, shownValue } from '../../service/service.js'
import { missing } from '../buckets.js'
import { lostWay, waysOf } from '../link/pair-run.js'
import type { BucketPair } from '../link/pairs.js'
import type { Peer } from '../link/peer.js'
import { type LinkRules, rulesOf } from '../link/rules.js'
import { servicePairs } from '../link/service-pairs.js'
import type { Checked } from './checked.js'
import { failedBy, type Outcome } from './outcome.js'

type Ways = ReturnType<typeof waysOf>
/** What of a peer is asked here. */
export type PeerTested = Pick<Peer, 'bucketsOf' | 'rightsTo' | 'open'>
type Asked = Pick<Checked, 'segment' | 'service' | 'signal'>

/** Rights and buckets of all that a service serves, held to what a link does when it opens them; nothing is made. */
export async function* pairTests({ segment, service, signal }: Asked, peer: PeerTested): AsyncGenerator<Outcome> {
  if (service.served.length === 0) {
    yield failed('buckets', 'it serves none', `efs bucket attach BUCKET ${service.name}`)
    return
  }
  const rules = rulesOf(service)
  const outcomes: Outcome[] = []
  const pairs: BucketPair[] = []
  for (const served of service.served) {
    try {
      pairs.push(...(await servicePairs(segment, served, peer, rules, signal)))
    } catch (error) {
      outcomes.push(failedBy('buckets', error))
    }
  }
  const ways = new Map<BucketPair, Ways>()
  const refused: Outcome[] = []
  for (const pair of pairs) {
    try {
      ways.set(pair, waysOf(pair, rules, peer.rightsTo(pair.there)))
    } catch (error) {
      refused.push(failedBy('rights', error))
    }
  }
  yield* refused
  if (ways.size > 0) yield rightsTest(service, rules, [...ways])
  const found: Found[] = []
  const going = [...ways].filter(([, { sends, receives }]) => sends || receives)
  for (const [pair, way] of going) {
    try {
      found.push(await findPair(segment, peer, pair, way, signal))
    } catch (error) {
      outcomes.push(failedBy('buckets', error))
    }
  }
  yield* outcomes
  if (found.length > 0) yield passed('buckets', foundText(found))
  if (ways.size > 0 && going.length === 0 && outcomes.length === 0) yield passed('buckets', 'all are paused')
  if (pairs.length > 0 && ways.size === 0) yield* notReached(['buckets'])
}

type PairWays = readonly (readonly [BucketPair, Ways])[]

/** The link goes the one way that it may go. Where both were asked for by name that is a failure all the same. */
function rightsTest(service: Service, { sends, receives }: LinkRules, ways: PairWays): Outcome {
  const unsent = ways.filter(([{ pause }, way]) => sends && !pause && !way.sends)
  const untaken = ways.filter(([, way]) => receives && !way.receives)
  const lacking = unsent.length > 0 ? unsent : untaken
  const [first] = lacking
  const text = rightsText(ways)
  if (first === undefined) return passed('rights', text)
  const where = lacking.length === 1 ? first[0].there : `${lacking.length} buckets`
  const lost = lostWay(lacking === unsent, service.name, where)
  const verdict = isUnset(shownValue(service, 'X-ISGW-Direction')) ? warned : failed
  return verdict('rights', `${text}; ${lost.text}`, lost.hint)
}

/** `write R/Cola/bk1`, `read and write 12 buckets` */
function rightsText(ways: PairWays): string {
  const [first] = ways
  const word = ({ sends, receives }: Ways): string =>
    sends && receives ? 'read and write' : sends ? 'write' : receives ? 'read' : 'nothing (paused)'
  const words = [...new Set(ways.map(([, way]) => word(way)))].join(', ')
  return `${words} ${ways.length === 1 ? first?.[0].there : `${ways.length} buckets`}`
}

interface Found {
  readonly pair: BucketPair
  readonly isHere: boolean
  readonly isThere: boolean
}

/** @throws what would keep that pair from running */
async function findPair(
  { names }: Segment,
  peer: PeerTested,
  pair: BucketPair,
  ways: Ways,
  signal: AbortSignal,
): Promise<Found> {
  const isHere = names.find(pair.here) !== undefined
  if (!isHere && (!ways.receives || names.find(parentOf(pair.here)) === undefined)) throw missing(names, pair.here)
  const isThere = await existsThere(peer, pair.there, isHere && ways.sends, signal)
  return { pair, isHere, isThere }
}

/** @throws NOT_FOUND with what there is, where it neither is nor would be made */
async function existsThere(peer: PeerTested, path: string, makes: boolean, signal: AbortSignal): Promise<boolean> {
  try {
    await peer.open(path, { makes: false, signal })
    return true
  } catch (error) {
    if (!(error instanceof EfsError) || error.code !== 'NOT_FOUND' || !makes) throw error
    // A tenant that it lacks is not made.
    await peer.bucketsOf(parentOf(path), signal)
    return false
  }
}

function foundText(found: readonly Found[]): string {
  const [only] = found
  if (only !== undefined && found.length === 1) {
    const { pair, isHere, isThere } = only
    if (!isHere) return `${pair.there} is there, ${pair.here} would be made here`
    return isThere ? `${pair.here} is here, ${pair.there} is there` : `${pair.there} would be made there`
  }
  const whole = found.filter(({ isHere, isThere }) => isHere && isThere).length
  const made = found.length - whole
  return `${whole} at both sides${made === 0 ? '' : `, ${made} would be made`}`
}
