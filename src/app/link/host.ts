import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Credential, Grants, Guest, Knock, LinkHost, Pairing, PairingKnock } from '../../model/link.js'
import type { Service } from '../../model/service.js'
import { secretLine } from '../../service/key-rule.js'
import { shownValue } from '../../service/service.js'
import type { LiveNumbers } from '../../stats/live-numbers.js'
import type { GatewayLog } from '../gateway/log.js'
import { HostedGuest } from './guest.js'
import { GuestStanding } from './guest-standing.js'
import type { Premises } from './premises.js'
import { grantsOf, joinGrants } from './rights.js'

/** A service that lets peers in. */
export interface Door {
  readonly service: Service
  /** `host:port` that it listens on. */
  readonly listener: string
  /** What both sides hold. */
  readonly secret: string | undefined
  /** Whoever reaches it may come in, since nothing is held and nothing was given out by pairing; so it listens on loopback only. */
  readonly isOpen: boolean
  /** Those of the service: what peers do is counted there, too. */
  readonly numbers: Pick<LiveNumbers, 'count' | 'set' | 'note'>
  readonly log: Pick<GatewayLog, 'warn'>
}

/** What pairing gave out. */
export interface PairedPeers {
  /** What the holder of that token may do, where that peer has it, and which service that is. */
  access(token: string, peer: SegmentGuid): { readonly service: string; readonly grants: Grants } | undefined
  /** @throws REFUSED */
  spend(oneTime: string, knock: PairingKnock): Promise<Pairing>
}

export interface HostParts {
  readonly premises: Premises
  readonly peers: PairedPeers
  /** Told of a peer that was let in. */
  seen(peer: SegmentGuid): void
  /** Told of who was not let in, at which doors. */
  refused(knock: Omit<Knock, 'credential'>, doors: readonly Door[], error: EfsError): void
  /** As they are now. */
  doors(): readonly Door[]
  readonly clock: Clock
}

/** Lets peers in by what they show: a shared secret opens the doors that hold it, a token what was granted with it. */
export function createHost({ premises, peers, doors, seen, refused, clock }: HostParts): LinkHost {
  const { guid: segment } = premises.segment
  const standing = new GuestStanding(clock)

  const doorsAt = (listener: string): readonly Door[] => doors().filter((door) => door.listener === listener)

  function openTo({ listener, secure }: Omit<Knock, 'credential'>): readonly Door[] {
    return doorsAt(listener).filter(({ service }) => secure || shownValue(service, 'X-ISGW-Encrypted-Tunnel') !== '1')
  }

  function greet(knock: Omit<Knock, 'credential'>): void {
    if (openTo(knock).length === 0) throw doorsAt(knock.listener).length === 0 ? closed() : plain()
  }

  /** The doors that a credential opens now, and what it may do there. */
  function passage(knock: Knock): { readonly through: readonly Door[]; readonly grants: Grants | undefined } {
    const { credential } = knock
    const open = openTo(knock)
    if (credential.kind !== 'paired') {
      const through = open.filter((door) => opens(door, credential))
      return { through, grants: grantsBy(through) }
    }
    const access = peers.access(credential.token, knock.segment)
    const through = open.filter(({ service }) => service.name === access?.service)
    return { through, grants: through.length === 0 ? undefined : access?.grants }
  }

  async function watched<T>(knock: Omit<Knock, 'credential'>, work: () => T | Promise<T>): Promise<T> {
    try {
      greet(knock)
      return await work()
    } catch (error) {
      if (error instanceof EfsError && error.code === 'REFUSED') refused(knock, doorsAt(knock.listener), error)
      throw error
    }
  }

  function admit(knock: Knock): Guest {
    if (passage(knock).grants === undefined) throw refusal(knock.credential)
    seen(knock.segment)
    const toldOf = standing.of(knock.segment, () => passage(knock).through)
    return new HostedGuest(knock.segment, () => passage(knock).grants, premises, toldOf)
  }

  return {
    segment,
    admit: (knock) => watched(knock, () => admit(knock)),
    pair: (oneTime, knock) => watched(knock, () => peers.spend(oneTime, knock)),
  }
}

function grantsBy(doors: readonly Door[]): Grants | undefined {
  return doors.length === 0 ? undefined : joinGrants(doors.map(({ service }) => grantsOf(service)))
}

function opens({ secret, isOpen }: Door, credential: Exclude<Credential, { kind: 'paired' }>): boolean {
  if (credential.kind === 'none') return isOpen
  return secret !== undefined && timingSafeEqual(hashOf(secret), hashOf(credential.secret))
}

/** Of equal length, so that comparing takes equal time. The old tool took `user:password` in base64 too. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(plainSecret(secret)).digest()

function plainSecret(secret: string): string {
  const decoded = Buffer.from(secret, 'base64')
  const isBase64 = decoded.toString('base64') === secret
  return isBase64 && /^[ -~]*:[ -~]*$/.test(decoded.toString('latin1')) ? decoded.toString('latin1') : secret
}

const closed = (): EfsError =>
  new EfsError('UNREACHABLE', 'no service of the peer lets anybody in there any more', {
    hint: 'at the peer, efs service enable; or try again later',
  })

const plain = (): EfsError =>
  new EfsError('REFUSED', 'the peer takes encrypted connections only', { hint: 'write ccows:// in place of ccow://' })

const REFUSALS: Readonly<Record<Credential['kind'], string>> = {
  none: 'the peer wants credentials',
  shared: 'credentials refused: no service of the peer has that secret',
  paired: 'credentials refused: the peer knows no key for this segment',
}

const HINTS: Readonly<Record<Credential['kind'], string>> = {
  none: `${secretLine('NAME')}, with the secret that its service has; or $EFS_REMOTE_AUTH`,
  shared: `give both sides the same one: ${secretLine('NAME')}`,
  paired: 'pair again: at the peer, efs gateway pair; here, efs service config NAME X-ISGW-Remote -',
}

const refusal = ({ kind }: Credential): EfsError => new EfsError('REFUSED', REFUSALS[kind], { hint: HINTS[kind] })
