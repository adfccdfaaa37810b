import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Credential, LinkHost } from '../../model/link.js'
import { encodeBody } from '../protocol/body.js'
import { sameSegment } from '../protocol/failure.js'
import { OPS, SPOKEN } from '../protocol/ops.js'
import type { Brakes } from './brakes.js'
import { readRequest } from './route.js'
import type { Session, Sessions } from './sessions.js'

/** A request by somebody who is not in. */
export interface Knocking {
  readonly secure: boolean
  readonly address: string
  readonly listener: string
  readonly authorization: string | undefined
  readonly signal: AbortSignal
}

interface Spoken {
  readonly from: number
  readonly to: number
}

/** Lets peers in and out. */
export class Door {
  constructor(
    readonly host: LinkHost,
    readonly agent: string,
    readonly sessions: Sessions,
    readonly brakes: Brakes,
    readonly clock: Clock,
  ) {}

  /** @throws REFUSED, SAME_SEGMENT, NEWER_FORMAT, UNREACHABLE where no more fit in */
  async hello(body: Buffer, { authorization, signal, ...knock }: Knocking): Promise<Uint8Array[]> {
    const { spoken, segment } = readRequest(OPS.hello, body).message
    const version = this.#agree(spoken, segment)
    const credential = credentialOf(authorization)
    const guest = await this.brakes.pass(knock.address, signal, () =>
      this.host.admit({ segment, credential, ...knock }),
    )
    const { id: session } = this.sessions.add(guest, knock.secure)
    const { grants } = guest
    const idleMs = this.sessions.idleMs
    return encodeBody(OPS.hello.answer, {
      version,
      segment: this.host.segment,
      session,
      grants,
      agent: this.agent,
      idleMs,
      nowMs: Math.max(0, Math.floor(this.clock.nowMs())),
    })
  }

  /** @throws REFUSED, SAME_SEGMENT, NEWER_FORMAT */
  async pair(body: Buffer, { authorization, signal, ...knock }: Knocking): Promise<Uint8Array[]> {
    const { spoken, segment, nonce } = readRequest(OPS.pair, body).message
    this.#agree(spoken, segment)
    const credential = credentialOf(authorization)
    if (credential.kind !== 'paired') throw new EfsError('REFUSED', 'pairing needs its one-time token')
    const { token: oneTime } = credential
    const given = await this.brakes.pass(knock.address, signal, () =>
      this.host.pair(oneTime, { segment, nonce, ...knock }),
    )
    return encodeBody(OPS.pair.answer, { segment: this.host.segment, ...given })
  }

  leave(session: Session): Uint8Array[] {
    this.sessions.end(session)
    return encodeBody(OPS.leave.answer, {})
  }

  /** The highest version that both speak. */
  #agree({ from, to }: Spoken, segment: SegmentGuid): number {
    if (from > SPOKEN.to) {
      throw new EfsError(
        'REFUSED',
        `the gateway speaks the link protocol up to version ${SPOKEN.to}, this efs from ${from} on`,
        {
          hint: 'use a newer efs at the gateway',
        },
      )
    }
    if (to < SPOKEN.from) {
      throw new EfsError(
        'NEWER_FORMAT',
        `the gateway speaks the link protocol from version ${SPOKEN.from} on, this efs up to ${to}`,
        {
          hint: 'use a newer efs',
        },
      )
    }
    if (segment === this.host.segment) throw sameSegment(segment)
    return Math.min(to, SPOKEN.to)
  }
}

/** @throws REFUSED where the header is of an unknown kind */
function credentialOf(authorization: string | undefined): Credential {
  if (authorization === undefined) return { kind: 'none' }
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)$/i.exec(authorization) ?? []
  if (value.length > 2 * LIMITS.lineBytesMax) throw new EfsError('REFUSED', 'a credential beyond the limits')
  switch (scheme.toLowerCase()) {
    case 'basic':
      return { kind: 'shared', secret: Buffer.from(value, 'base64').toString() }
    case 'bearer':
      return { kind: 'paired', token: value }
    default:
      throw new EfsError('REFUSED', 'a credential of an unknown kind')
  }
}
