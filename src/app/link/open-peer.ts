import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { archiveOf } from '../../service/remote-of.js'
import { secretOf } from '../credentials/open.js'
import { type Approaching, connectService, gatewayOf, visitService, withName } from './approach.js'
import { gatewayPeer } from './gateway-peer.js'
import type { Peer } from './peer.js'
import { rulesOf } from './rules.js'

/** Whether the other side of a service is one that knows versions, and is called from here. */
export const hasPeer = (service: Service): boolean =>
  gatewayOf(service) !== undefined || archiveOf(service) !== undefined

/** Whether a gateway keeps a link for it. S3 is not asked for nothing. */
export const keepsLink = (service: Service): boolean =>
  hasPeer(service) && (archiveOf(service) === undefined || service.served.length > 0)

export interface PeerOpening extends Approaching {
  readonly signal: AbortSignal
  /** `visit`: nothing is made, and nothing noted of it, for who only looks. */
  readonly as: 'link' | 'visit'
  /** That of the service; looked up where it is not handed over. */
  readonly secret?: () => Promise<string | undefined>
}

/** Opens the other side of a service that has a peer. @throws UNREACHABLE, REFUSED, NOT_FOUND where there is no segment in S3; as `connectService` */
export async function openPeer(segment: Segment, service: Service, opening: PeerOpening): Promise<Peer> {
  const { app, as, signal } = opening
  const archive = archiveOf(service)
  if (archive !== undefined) {
    const [{ openArchive }, { archivePeer }, { assertRoom }] = await Promise.all([
      import('../archive/open.js'),
      import('../archive/peer.js'),
      import('../s3/room.js'),
    ])
    const { sends, receives } = rulesOf(service)
    const writes = as === 'link' && sends && service.served.some(({ pause }) => !pause)
    const need = writes ? 'write' : 'read'
    if (writes) await assertRoom(app, archive.at, 'segment', signal)
    const opened = await openArchive(archive.at, { app, need, signal, looksForGone: as === 'link' })
    return archivePeer(opened, { clock: app.clock, receives })
  }
  const at = gatewayOf(service)
  if (at === undefined) throw new Error('a service without a peer')
  const { secret = () => secretOf(app, { segment: segment.guid, service: service.name }) } = opening
  const held = await secret()
  try {
    const client = await (as === 'visit'
      ? visitService(segment, at, held, opening)
      : connectService(segment, service.name, at, held, opening))
    return gatewayPeer(client, app.clock)
  } catch (error) {
    throw withName(error, service.name)
  }
}
