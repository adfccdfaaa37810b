import { EfsError } from '../../base/errors.js'
import { nearest } from '../../base/nearest.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { GivenCredential, Peer } from '../../model/peer.js'
import type { Segment } from '../../model/segment.js'
import { type App, withRecords, withSegment } from '../app.js'
import { changeGiven, readGiven } from './given.js'
import { knownPeers } from './known.js'

export interface PeerShown {
  readonly segment: SegmentGuid
  /** Undefined where it has paired and was never seen afterwards. */
  readonly known: Peer | undefined
  /** What it may do here, by pairing. */
  readonly credentials: readonly GivenCredential[]
}

/** All other segments that are known, or have rights, in the order of their GUIDs. @throws NOT_FOUND where no segment is; CORRUPT */
export const listPeers = (app: App): Promise<PeerShown[]> => withRecords(app, async (segment) => peersOf(segment))

function peersOf(segment: Segment): PeerShown[] {
  const known = new Map(knownPeers(segment).map((peer) => [peer.segment, peer]))
  const { credentials } = readGiven(segment)
  const guids = new Set([...known.keys(), ...credentials.map(({ peer }) => peer)])
  return [...guids].sort().map((guid) => ({
    segment: guid,
    known: known.get(guid),
    credentials: credentials.filter(({ peer }) => peer === guid),
  }))
}

export interface Unpaired {
  readonly segment: SegmentGuid
  readonly label: string
  /** How many credentials it had. */
  readonly credentials: number
}

/**
 * Takes away what a peer was given, and forgets it. `text` is the beginning of its GUID, as short as it is the only one.
 * @throws NOT_FOUND with the nearest; USAGE where it fits several
 */
export const unpair = (app: App, text: string): Promise<Unpaired> =>
  withSegment(app, async (segment) => {
    const { segment: guid, known } = peerMeant(peersOf(segment), text)
    const credentials = await changeGiven(segment, (before) => {
      const left = before.credentials.filter(({ peer }) => peer !== guid)
      return { given: { ...before, credentials: left }, result: before.credentials.length - left.length }
    })
    await segment.peers.change(guid, () => ({ after: undefined, result: undefined }))
    return { segment: guid, label: known?.label ?? '', credentials }
  })

function peerMeant(peers: readonly PeerShown[], text: string): PeerShown {
  const start = text.toLowerCase().replaceAll('-', '')
  const fitting = /^[0-9a-f]+$/.test(start) ? peers.filter(({ segment }) => segment.startsWith(start)) : []
  const [only, second] = fitting
  if (second !== undefined) {
    const all = fitting.slice(0, 5).map(({ segment }) => segment)
    throw new EfsError('USAGE', `${text} fits several peers`, { hint: `write more of it: ${all.join(', ')}` })
  }
  if (only !== undefined) return only
  const near = nearest(
    text.toUpperCase(),
    peers.map(({ segment }) => shortGuid(segment)),
  )
  throw new EfsError('NOT_FOUND', `no peer ${text || '""'}`, {
    hint: near === undefined ? 'efs gateway peers lists them' : `did you mean ${near}?`,
  })
}
