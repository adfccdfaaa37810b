import type { PeerShown } from '../../app/peers/peers.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { Grants, Rights } from '../../model/link.js'
import type { Peer } from '../../model/peer.js'
import type { Screen } from '../screen/screen.js'
import { tableText } from './table.js'

/** A peer as JSON has it; times are ISO 8601, UTC, and null where it was never seen. */
export interface PeerJson {
  readonly segment: SegmentGuid
  readonly label: string
  readonly firstSeen: string | null
  readonly lastSeen: string | null
  readonly pins: Peer['pins']
  readonly credentials: readonly { readonly service: string; readonly grants: Grants; readonly created: string }[]
}

export const peerJson = ({ segment, known, credentials }: PeerShown): PeerJson => ({
  segment,
  label: known?.label ?? '',
  firstSeen: known === undefined ? null : iso(known.firstSeenMs),
  lastSeen: known === undefined ? null : iso(known.lastSeenMs),
  pins: known?.pins ?? {},
  credentials: credentials.map(({ service, grants, createdMs }) => ({ service, grants, created: iso(createdMs) })),
})

/** `SEGMENT LAST-SEEN RIGHTS LABEL`; `-` where there is none. */
export const peerTable = (peers: readonly PeerJson[], page: Screen): Promise<string> =>
  tableText(
    peers.map(({ segment, label, lastSeen, credentials }) => {
      const rights = credentials.map(({ grants }) => grantsText(grants)).join(';')
      return [shortGuid(segment), lastSeen ?? '-', rights || '-', label || '-']
    }),
    [{ align: 'left' }, { align: 'left' }, { align: 'left', cut: true }, { align: 'left', cut: true }],
    page,
  )

/** `Hawaii-r/Cola/bk1=write,*=read` */
const grantsText = (grants: Grants): string =>
  Object.entries(grants)
    .map(([path, rights]) => `${path}=${rightsText(rights)}`)
    .join(',')

function rightsText({ read, write }: Rights): string {
  if (read && write) return 'read+write'
  if (read) return 'read'
  return write ? 'write' : 'none'
}

const iso = (ms: number): string => new Date(ms).toISOString()
