import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Grants, Pairing } from '../../model/link.js'
import { isFingerprint, isOneTime } from '../../model/pairing-url.js'
import type { GivenCredential } from '../../model/peer.js'
import type { Segment } from '../../model/segment.js'
import { changeGiven, type Given, type OpenPairing } from './given.js'
import { checkedGrants } from './grants.js'
import { isSameHash, newOneTime, newToken, tokenHash } from './tokens.js'

type Host = Pick<Segment, 'guid' | 'peers'>

export interface PairingOffer {
  readonly grants: Grants
  /** The service that the credential is for: it goes when the same service of the peer pairs with that one again. */
  readonly service: string
  /** Of the certificate that the guest is told to expect; undefined where the connection is not encrypted. */
  readonly fingerprint: string | undefined
  /** At most LIMITS.pairingMsMax. */
  readonly validMs?: number
  readonly clock: Clock
}

export interface PairingOffered {
  /** Kept nowhere: only its hash is. */
  readonly oneTime: string
  readonly expiresMs: number
}

const VALID_MS = 15 * 60 * 1000

/** Makes a token that works once. @throws USAGE; GUARD where too many are open */
export function createPairing(segment: Host, offer: PairingOffer): Promise<PairingOffered> {
  const { service, fingerprint, validMs = VALID_MS, clock } = offer
  const grants = checkedGrants(offer.grants)
  if (!(validMs > 0 && validMs <= LIMITS.pairingMsMax)) throw new RangeError('a pairing is valid for a day at most')
  if (fingerprint !== undefined && !isFingerprint(fingerprint)) throw new RangeError('not a fingerprint')
  const oneTime = newOneTime()
  const nowMs = clock.nowMs()
  const expiresMs = Math.floor(nowMs + validMs)
  const hash = tokenHash('one-time', segment.guid, oneTime)
  return changeGiven(segment, (before) => {
    const open = unexpired(before.pairings, nowMs)
    if (open.length >= LIMITS.pairingsMax) throw tooMany()
    const pairing: OpenPairing = { hash, expiresMs, service, grants, fingerprint, spentBy: undefined }
    const paired = [...new Set([...before.paired, service])]
    return { given: { ...before, pairings: [...open, pairing], paired }, result: { oneTime, expiresMs } }
  })
}

export interface Spending {
  readonly oneTime: string
  /** Of one service of the guest's own, and the same whenever that one pairs with this segment. */
  readonly nonce?: string | undefined
  readonly guest: SegmentGuid
  /** Of the certificate that this connection showed. */
  readonly fingerprint: string | undefined
  readonly clock: Clock
}

/**
 * Spends a one-time token: the one change that ends it makes the guest's credential, so that after a crash there are both or neither.
 * Where the guest did not get the answer, it may spend it again until it expires: that makes another credential in place of the first.
 * @throws REFUSED where it is unknown, expired, spent, or was given for another certificate; SAME_SEGMENT
 */
export async function spendPairing(
  segment: Host,
  { oneTime, nonce, guest, fingerprint, clock }: Spending,
): Promise<Pairing> {
  if (guest === segment.guid) {
    throw new EfsError('SAME_SEGMENT', 'that is this same segment: a segment does not pair with itself')
  }
  if (!isOneTime(oneTime)) throw refused('the peer gave no such token')
  const nowMs = clock.nowMs()
  const hash = tokenHash('one-time', segment.guid, oneTime)
  const shown = nonce === undefined ? undefined : tokenHash('nonce', segment.guid, nonce)
  const token = newToken()
  const grants = await changeGiven(segment, (before) => {
    const pairing = before.pairings.filter((one) => isSameHash(one.hash, hash))[0]
    if (pairing === undefined) throw refused('the peer gave no such token')
    if (pairing.spentBy !== undefined && !isHeld(before, guest, pairing, shown)) throw refused('it was used already')
    if (pairing.expiresMs <= nowMs) throw refused('its time is over')
    if (pairing.fingerprint !== fingerprint) throw refused('it was given for another certificate')
    const credential: GivenCredential = {
      peer: guest,
      hash: tokenHash('token', segment.guid, token),
      service: pairing.service,
      grants: pairing.grants,
      createdMs: nowMs,
      hadFor: pairing.hash,
      nonce: shown,
    }
    return { given: spent(before, pairing, credential, nowMs), result: pairing.grants }
  })
  return { token, grants }
}

/** Whether that guest has a credential for that token and nonce: one that was taken back stays so. */
const isHeld = (
  { credentials }: Given,
  guest: SegmentGuid,
  { hash }: OpenPairing,
  nonce: string | undefined,
): boolean =>
  nonce !== undefined && credentials.some((one) => one.peer === guest && one.hadFor === hash && one.nonce === nonce)

function spent(before: Given, pairing: OpenPairing, credential: GivenCredential, nowMs: number): Given {
  const { peer, service, nonce } = credential
  // One without a nonce may be of any of the peer's services.
  const isBefore = (one: GivenCredential): boolean =>
    one.peer === peer && one.service === service && (one.nonce === nonce || one.nonce === undefined)
  const others = before.credentials.filter((one) => !isBefore(one))
  if (others.length >= LIMITS.credentialsGivenMax) throw full()
  const pairings = before.pairings.map((one) => (one === pairing ? { ...one, spentBy: peer } : one))
  return { ...before, pairings: unexpired(pairings, nowMs), credentials: [...others, credential] }
}

const unexpired = (pairings: readonly OpenPairing[], nowMs: number): OpenPairing[] =>
  pairings.filter(({ expiresMs }) => expiresMs > nowMs)

const refused = (why: string): EfsError =>
  new EfsError('REFUSED', `the one-time token is refused: ${why}`, {
    hint: 'pair again: efs gateway pair at the side that printed it',
  })

const tooMany = (): EfsError =>
  new EfsError('GUARD', `${LIMITS.pairingsMax} pairings are under way already`, {
    hint: 'use one of them, or wait until they expire',
  })

const full = (): EfsError =>
  new EfsError('REFUSED', 'this segment has paired with as many peers as it can', {
    hint: 'there: efs gateway peers lists them, efs gateway unpair PEER ends one',
  })
