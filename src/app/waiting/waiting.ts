import { EfsError } from '../../base/errors.js'
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
