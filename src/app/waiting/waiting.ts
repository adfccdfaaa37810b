import { EfsError } from '../../base/errors.js'
import type { Service } from '../../model/service.js'
import { shownValue } from '../../service/service.js'
import { readNumbers } from '../../stats/files.js'
import type { App } from '../app.js'
import { gatewayFiles } from '../gateway/files.js'
import type { Bell } from './bell.js'
import type { HeldUp } from './goals.js'
import type { InitialEnd } from './initial.js'

/** One bucket has arrived at the side that takes. */
export interface Arrived {
  readonly service: string
  readonly bucket: string
  /** Whether the peer has it now, or this segment. */
  readonly direction: 'send' | 'receive'
  /** Where it is now. */
  readonly at: string
  /** Null where only what has changed since the first start is brought: that is there then. */
  readonly objects: number | null
}

export interface Waited {
  readonly arrived: readonly Arrived[]
  /** Where there is any, nothing more was waited for. */
  readonly heldUp: readonly HeldUp[]
}

export interface Waiting {
  readonly signal: AbortSignal
  readonly isOver: () => boolean
  readonly bell: Bell
  readonly arrived: (one: Arrived) => void
  readonly initialEnd: InitialEnd
  /** What is thrown once `isOver`. */
  readonly timedOut: () => Promise<EfsError>
}

/**
 * What is thrown where the time is over and `wait` itself never reached the peer, `last` is why, if that is known: the gateway tries longer.
 * What the peer told it counts; and that it holds the link.
 */
export async function unreached(app: App, service: Service, last: EfsError | undefined): Promise<EfsError> {
  const { name } = service
  const { report } = await readNumbers(gatewayFiles(app.home).stats, name)
  const { code = 'UNREACHABLE', message = '', nextTryMs = null } = report?.lastError ?? {}
  const hint = `efs service check ${name} tells more`
  if (nextTryMs !== null && code !== 'UNREACHABLE') return new EfsError(code, message, { hint })
  if (report !== null && report.peers.length > 0) return timedOut(app, name)
  return (
    last ??
    new EfsError('UNREACHABLE', `${shownValue(service, 'X-ISGW-Remote')} did not answer before the time ran out`, {
      hint,
    })
  )
}

/** Says what the service fails for just now, where it fails. */
export async function timedOut({ home }: App, name: string): Promise<EfsError> {
  const { report, served } = await readNumbers(gatewayFiles(home).stats, name)
  const errors = [report?.lastError, ...[...served.values()].map(({ lastError }) => lastError)]
  const failing = errors.find((error) => error?.nextTryMs)
  const shows = `efs service show ${name} -s`
  return new EfsError('TIMED_OUT', `the time ran out before all of ${name} had arrived`, {
    hint: failing
      ? `it fails: ${failing.message}; ${shows} tells more`
      : `${shows} tells how far it is; --timeout 0 waits for ever`,
  })
}
