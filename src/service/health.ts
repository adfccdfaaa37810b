import { LIMITS } from '../base/limits.js'
import type { LinkError, ServedStats, Service, ServiceReport } from '../model/service.js'
import { canReceive } from './isgw.js'
import { isUnset, shownValue } from './service.js'

export const isEnabled = (service: Service): boolean => shownValue(service, 'X-Status') === 'enabled'

/** Whether it calls a peer, or has a place to keep the same; else it only waits for peers to call. */
export const hasRemote = (service: Service): boolean => !isUnset(shownValue(service, 'X-ISGW-Remote'))

/** For how long a service may prove nothing, in milliseconds. */
export const intervalMs = (service: Service): number =>
  LIMITS.staleMs + Number(shownValue(service, 'X-ISGW-Processing-Delay'))

/** Nothing of it is sent, and nothing is received either. */
export const isAtRest = (service: Service, pause: boolean): boolean =>
  pause && !canReceive(shownValue(service, 'X-ISGW-Direction'))

export interface Seen {
  /** Whether a gateway runs for the segment. */
  readonly isRunning: boolean
  readonly report: ServiceReport | null
  readonly nowMs: number
}

/**
 * Whether it has proved nothing for longer than its interval, of a path that is served: nothing acknowledged, and no heartbeat answered
 * with nothing behind. What was never proved counts from when the service began. Who only waits for peers has nothing to prove.
 */
export function isStale(
  service: Service,
  { pause, lastSuccessMs }: { readonly pause: boolean } & Pick<ServedStats, 'lastSuccessMs'>,
  { isRunning, report, nowMs }: Seen,
): boolean {
  if (!isEnabled(service)) return false
  if (!isRunning) return true
  if (!hasRemote(service)) return report?.state !== 'running'
  if (isAtRest(service, pause)) return false
  // Of a time to come, since the clock was set back, no more is known than of one that is long past.
  return Math.abs(nowMs - (lastSuccessMs ?? report?.sinceMs ?? 0)) > intervalMs(service)
}

/** Of what failed here and of what failed with the whole link: what lasts before what is mended, and the later. */
export function worseError(one: LinkError | null, other: LinkError | null): LinkError | null {
  if (one === null || other === null) return one ?? other
  const lasts = (error: LinkError): number => (error.nextTryMs === null ? 0 : 1)
  const order = lasts(one) - lasts(other) || one.atMs - other.atMs
  return order >= 0 ? one : other
}

/** From the best to the worst. */
export const HEALTHS = ['ok', 'degraded', 'stale', 'error'] as const
export type ServiceHealth = (typeof HEALTHS)[number]

/**
 * `error`: it does not run, or something that it serves fails, which will not mend by itself. A peer that is away is stale, after its time.
 * `degraded`: it runs, and something is held up.
 */
export function healthOf(
  service: Service,
  served: readonly {
    readonly pause: boolean
    readonly stats: Pick<ServedStats, 'lastSuccessMs' | 'lastError' | 'heldUp'>
  }[],
  seen: Seen,
): ServiceHealth {
  const { isRunning, report } = seen
  if (isRunning && report?.state === 'failed') return 'error'
  const fails = ({ stats }: (typeof served)[number]): boolean => typeof stats.lastError?.nextTryMs === 'number'
  if (isRunning && report?.state === 'running' && served.some(fails)) return 'error'
  const lacks = !isRunning || (!hasRemote(service) && report?.state !== 'running')
  if (served.length === 0) return isEnabled(service) && lacks ? 'stale' : 'ok'
  if (served.some(({ pause, stats }) => isStale(service, { pause, ...stats }, seen))) return 'stale'
  return isEnabled(service) && served.some(({ stats }) => stats.heldUp > 0) ? 'degraded' : 'ok'
}
