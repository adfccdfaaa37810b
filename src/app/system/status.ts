import type { SegmentGuid } from '../../model/ids.js'
import type { Segment } from '../../model/segment.js'
import { NONE_BEHIND, type ServedStats, type ServiceState } from '../../model/service.js'
import { sumBehind } from '../../service/behind.js'
import { HEALTHS, healthOf, isEnabled, type ServiceHealth } from '../../service/health.js'
import { type App, withSegment } from '../app.js'
import { wordsOf } from '../gateway/log.js'
import { runningGateway } from '../gateway/state.js'
import { findService } from '../services/files.js'
import { serviceNow } from '../services/numbers.js'
import { bucketsOf } from './system.js'

export interface SystemStatus {
  readonly segment: SegmentGuid
  readonly home: string
  readonly format: number
  readonly buckets: number
  /** The worst of all: `damaged`, then `error`, `stale`, `degraded`. */
  readonly health: 'damaged' | ServiceHealth
  /** How many packs are not what they are to be at a glance. */
  readonly damaged: number
  /** Copied, moved or restored, and nobody has said which yet. */
  readonly unadopted: boolean
  /** Of the gateway that runs; null where none does, which is bad only where a service is enabled. */
  readonly gateway: number | null
  /** Those that are enabled, or cannot be read, in byte order of their names. */
  readonly services: readonly ServiceStanding[]
}

export interface ServiceStanding {
  readonly name: string
  readonly health: ServiceHealth
  readonly state: ServiceState
  /** Of all that it serves; `oldestMs` is the age of the oldest change. */
  readonly behind: ServedStats['behind']
  /** Objects of all that it serves that were left out, and are tried again. */
  readonly heldUp: number
  /** Of the path that has proved nothing for longest, in milliseconds; null where one never did. */
  readonly ageMs: number | null
  /** What fails. */
  readonly why: string | null
}

/** One answer for who watches over it: cheap however much is stored, and no peer is asked. @throws NOT_FOUND, NEWER_FORMAT */
export const systemStatus = (app: App): Promise<SystemStatus> =>
  withSegment(app, async (segment) => {
    const { INDEX_FORMAT } = await import('../../store/index/row.js')
    const [damage, services] = [await segment.glance(), await standings(app, segment)]
    return {
      segment: segment.guid,
      home: segment.home,
      format: INDEX_FORMAT,
      buckets: bucketsOf(segment).length,
      health: damage.length > 0 ? 'damaged' : worstOf(services),
      damaged: damage.length,
      unadopted: segment.unadopted,
      gateway: runningGateway(app.home)?.process.pid ?? null,
      services,
    }
  })

const worstOf = (services: readonly ServiceStanding[]): ServiceHealth =>
  HEALTHS.findLast((worst) => services.some(({ health }) => health === worst)) ?? 'ok'

async function standings(app: App, segment: Segment): Promise<ServiceStanding[]> {
  const all: ServiceStanding[] = []
  for (const name of segment.services.names()) {
    try {
      const standing = await standingOf(app, segment, name)
      if (standing !== undefined) all.push(standing)
    } catch (error) {
      all.push({
        name,
        health: 'error',
        state: 'failed',
        behind: NONE_BEHIND,
        heldUp: 0,
        ageMs: null,
        why: wordsOf(error),
      })
    }
  }
  return all
}

async function standingOf(app: App, segment: Segment, name: string): Promise<ServiceStanding | undefined> {
  const service = findService(segment, name)
  if (!isEnabled(service)) return undefined
  const { served, seen } = await serviceNow(app, segment, service)
  const health = healthOf(service, served, seen)
  const stats = served.map((one) => one.stats)
  const successes = stats.map(({ lastSuccessMs }) => lastSuccessMs)
  const isProven = successes.length > 0 && !successes.includes(null)
  const errors = [...stats.map(({ lastError }) => lastError), seen.report?.lastError ?? null]
  return {
    name,
    health,
    state: seen.isRunning ? (seen.report?.state ?? 'stopped') : 'stopped',
    behind: sumBehind(stats.map(({ behind }) => behind)),
    heldUp: stats.reduce((sum, one) => sum + one.heldUp, 0),
    ageMs: isProven ? Math.max(0, seen.nowMs - Math.min(...successes.map((ms) => ms ?? 0))) : null,
    why: health === 'ok' ? null : (errors.find((error) => typeof error?.nextTryMs === 'number')?.message ?? null),
  }
}
