import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { documentText, fieldsOf, textOf, timeOf } from '../../base/json-fields.js'
import { LIMITS } from '../../base/limits.js'
import { type SegmentGuid, segmentGuid } from '../../model/ids.js'
import { isFingerprint } from '../../model/pairing-url.js'
import type { Peer } from '../../model/peer.js'
import { type HostPort, hostPortText } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import { isLine } from '../../service/key-rule.js'
import { parsePeers } from './fields.js'

type Known = Pick<Segment, 'peers'>

const GUID = /^[0-9a-f]{32}$/

/** In the order of their GUIDs. @throws CORRUPT, NEWER_FORMAT */
export const knownPeers = (segment: Known): Peer[] =>
  segment.peers
    .names()
    .filter((name) => GUID.test(name))
    .flatMap((name) => knownPeer(segment, segmentGuid(name)) ?? [])

/** @throws CORRUPT, NEWER_FORMAT */
export const knownPeer = ({ peers }: Known, segment: SegmentGuid): Peer | undefined =>
  parse(segment, peers.read(segment))

export interface Sighting {
  readonly segment: SegmentGuid
  /** As it calls itself; what is not one short line counts as nothing. */
  readonly label?: string
  /** That this certificate is to answer there from now on. */
  readonly pin?: { readonly at: HostPort; readonly fingerprint: string }
  readonly clock: Clock
}

/** Notes that a peer was seen. Nothing is written where nothing is new and that is known from less than LIMITS.peerSeenMs ago. @throws REFUSED where too many are known */
export async function notePeer(segment: Known, sighting: Sighting): Promise<void> {
  const { segment: guid, clock } = sighting
  const known = knownPeer(segment, guid)
  if (known !== undefined && !isNews(known, sighting)) return
  if (known === undefined && segment.peers.names().length > LIMITS.peersMax) throw tooMany()
  await segment.peers.change(guid, (text) => {
    const nowMs = clock.nowMs()
    const before = parse(guid, text) ?? { segment: guid, label: '', firstSeenMs: nowMs, lastSeenMs: nowMs, pins: {} }
    const label = labelOf(sighting) ?? before.label
    const pins = pinned(before.pins, sighting.pin)
    return { after: textOfPeer({ ...before, label, pins, lastSeenMs: nowMs }), result: undefined }
  })
}

/** Whose certificate is to answer there: of several peers that were pinned to one address, that of the one seen last. */
export function pinnedAt(
  segment: Known,
  at: HostPort,
): { readonly peer: Peer; readonly fingerprint: string } | undefined {
  const place = hostPortText(at)
  const [found] = knownPeers(segment)
    .filter(({ pins }) => Object.hasOwn(pins, place))
    .sort((a, b) => b.lastSeenMs - a.lastSeenMs)
  const fingerprint = found?.pins[place]
  return found === undefined || fingerprint === undefined ? undefined : { peer: found, fingerprint }
}

function isNews(known: Peer, sighting: Sighting): boolean {
  const { pin, clock } = sighting
  const label = labelOf(sighting)
  if (label !== undefined && label !== known.label) return true
  if (pin !== undefined && known.pins[hostPortText(pin.at)] !== pin.fingerprint) return true
  return Math.abs(clock.nowMs() - known.lastSeenMs) >= LIMITS.peerSeenMs
}

const labelOf = ({ label }: Sighting): string | undefined => (label !== undefined && isLine(label) ? label : undefined)

/** The newest last, so that the oldest goes where there are too many. */
function pinned(pins: Peer['pins'], pin: Sighting['pin']): Peer['pins'] {
  if (pin === undefined) return pins
  if (!isFingerprint(pin.fingerprint)) throw new RangeError('not a fingerprint')
  const place = hostPortText(pin.at)
  const others = Object.entries(pins).filter(([each]) => each !== place)
  return Object.fromEntries([...others, [place, pin.fingerprint] as const].slice(-LIMITS.pinsOfPeerMax))
}

const textOfPeer = ({ segment, label, firstSeenMs, lastSeenMs, pins }: Peer): string =>
  documentText({ segment, label, firstSeenMs, lastSeenMs, pins })

function parse(guid: SegmentGuid, text: string | undefined): Peer | undefined {
  if (text === undefined) return undefined
  return parsePeers(`peers/${guid}.json`, text, ({ segment, label, firstSeenMs, lastSeenMs, pins }) => {
    if (segment !== guid) throw new TypeError('segment')
    const entries = Object.entries(fieldsOf(pins)).map(([place, mark]) => [place, textOf(mark)] as const)
    return {
      segment: guid,
      label: textOf(label),
      firstSeenMs: timeOf(firstSeenMs),
      lastSeenMs: timeOf(lastSeenMs),
      pins: Object.fromEntries(entries),
    }
  })
}

const tooMany = (): EfsError =>
  new EfsError('REFUSED', `this segment knows ${LIMITS.peersMax} peers, and no more`, {
    hint: 'efs gateway peers lists them, efs gateway unpair PEER forgets one',
  })
