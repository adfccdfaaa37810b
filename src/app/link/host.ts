import { createHash, timingSafeEqual } from 'node:crypto'
import { EfsError } from '../../base/errors.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { Credential, Grants, Knock, LinkHost, Pairing } from '../../model/link.js'
import type { Service } from '../../model/service.js'
import { shownValue } from '../../service/service.js'
import { createGuest } from './guest.js'
import type { Premises } from './premises.js'
import { grantsOf, joinGrants } from './rights.js'

/** A service that lets peers in. */
export interface Door {
  readonly service: Service
  /** `host:port` that it listens on. */
  readonly listener: string
  /** What both sides hold; absent: whoever reaches it may come in, so it listens on loopback only. */
  readonly secret: string | undefined
}

/** What pairing gave out. */
export interface PairedPeers {
  /** What the holder of that token may do, where that peer has it. */
  grantsOf(token: string, peer: SegmentGuid): Grants | undefined
  /** @throws REFUSED */
  spend(oneTime: string, peer: SegmentGuid): Promise<Pairing>
}

export interface HostParts {
  readonly premises: Premises
  readonly peers: PairedPeers
  /** As they are now. */
  doors(): readonly Door[]
}

/** Lets peers in by what they show: a shared secret opens the doors that hold it, a token what was granted with it. */
export function createHost({ premises, peers, doors }: HostParts): LinkHost {
  const { guid: segment } = premises.segment

  function greet({ segment: peer, listener, secure }: Omit<Knock, 'credential'>): readonly Door[] {
    if (peer === segment) throw sameSegment(segment)
    const here = doors().filter((door) => door.listener === listener)
    const open = here.filter(({ service }) => secure || shownValue(service, 'X-ISGW-Encrypted-Tunnel') !== '1')
    if (here.length > 0 && open.length === 0) throw plain()
    return open
  }

  return {
    segment,
    async admit(knock) {
      const { credential } = knock
      const open = greet(knock)
      const grants =
        credential.kind === 'paired'
          ? peers.grantsOf(credential.token, knock.segment)
          : grantsBy(open.filter(({ secret }) => opens(secret, credential)))
      if (grants === undefined) throw refused(credential)
      return createGuest(knock.segment, grants, premises)
    },
    async pair(oneTime, knock) {
      greet(knock)
      return peers.spend(oneTime, knock.segment)
    },
  }
}

function grantsBy(doors: readonly Door[]): Grants | undefined {
  return doors.length === 0 ? undefined : joinGrants(doors.map(({ service }) => grantsOf(service)))
}

function opens(secret: string | undefined, credential: Exclude<Credential, { kind: 'paired' }>): boolean {
  if (secret === undefined || credential.kind === 'none') return secret === undefined && credential.kind === 'none'
  return timingSafeEqual(hashOf(secret), hashOf(credential.secret))
}

/** Of equal length, so that comparing takes equal time. The old tool took `user:password` in base64 too. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(plainSecret(secret)).digest()

function plainSecret(secret: string): string {
  const decoded = Buffer.from(secret, 'base64')
  const isBase64 = decoded.toString('base64') === secret
  return isBase64 && /^[ -~]*:[ -~]*$/.test(decoded.toString('latin1')) ? decoded.toString('latin1') : secret
}

const sameSegment = (segment: SegmentGuid): EfsError =>
  new EfsError(
    'SAME_SEGMENT',
    `that gateway belongs to this same segment (${shortGuid(segment)}); a segment does not replicate to itself`,
    { hint: 'two segments on one machine need two homes: efs --home /srv/b system init' },
  )

const plain = (): EfsError =>
  new EfsError('REFUSED', 'the peer takes encrypted connections only', { hint: 'write ccows:// in place of ccow://' })

const REFUSALS: Readonly<Record<Credential['kind'], string>> = {
  none: 'the peer wants credentials',
  shared: 'credentials refused: no service of the peer has that secret',
  paired: 'credentials refused: the peer knows no key for this segment',
}

const HINTS: Readonly<Record<Credential['kind'], string>> = {
  none: 'efs service config NAME X-ISGW-Basic-Auth -, with the secret that its service has; or $EFS_REMOTE_AUTH',
  shared: 'give both sides the same one: efs service config NAME X-ISGW-Basic-Auth -',
  paired: 'pair again: at the peer, efs gateway pair; here, efs service config NAME X-ISGW-Remote -',
}

const refused = ({ kind }: Credential): EfsError => new EfsError('REFUSED', REFUSALS[kind], { hint: HINTS[kind] })
