import type { SegmentGuid } from '../../model/ids.js'
import type { Segment } from '../../model/segment.js'
import type { LinkError, ServiceReport, ServiceState } from '../../model/service.js'
import { isEnabled } from '../../service/health.js'
import { readNumbers } from '../../stats/files.js'
import { type App, withRecords } from '../app.js'
import { ownCertificate } from '../link/identity.js'
import { readDefinitions } from './definitions.js'
import { gatewayFiles } from './files.js'
import { runningGateway } from './state.js'

export interface GatewayStatus {
  readonly segment: SegmentGuid
  readonly running: boolean
  /** Null where none runs, as all that is null here. */
  readonly pid: number | null
  readonly sinceMs: number | null
  readonly version: string | null
  readonly listening: readonly string[]
  /** Of the certificate that peers see, `sha256:` and 64 hex digits. */
  readonly fingerprint: string
  /** Those that are enabled, or cannot be read, in byte order of their names. */
  readonly services: readonly ServiceStatus[]
}

export interface ServiceStatus {
  readonly name: string
  readonly state: ServiceState
  readonly sinceMs: number | null
  readonly listening: readonly string[]
  readonly peers: readonly string[]
  readonly lastError: LinkError | null
}

/** Whether a gateway runs for this segment, and how its services are. @throws NOT_FOUND, NEWER_FORMAT, CORRUPT */
export const gatewayStatus = (app: App): Promise<GatewayStatus> =>
  withRecords(app, async (segment) => {
    const gateway = runningGateway(app.home)
    const services: ServiceStatus[] = []
    for (const name of await enabledNames(app, segment)) {
      const { report } = await readNumbers(gatewayFiles(app.home).stats, name)
      services.push(statusOf(name, gateway === undefined ? null : report))
    }
    return {
      segment: segment.guid,
      running: gateway !== undefined,
      pid: gateway?.process.pid ?? null,
      sinceMs: gateway?.startedMs ?? null,
      version: gateway?.version ?? null,
      listening: [...new Set(services.flatMap(({ listening }) => listening))],
      fingerprint: (await ownCertificate(segment)).fingerprint,
      services,
    }
  })

async function enabledNames(app: App, segment: Segment): Promise<string[]> {
  const definitions = await readDefinitions(app, segment)
  return [...definitions].flatMap(([name, one]) => (one instanceof Error || isEnabled(one.service) ? [name] : []))
}

/** Without a report, as of one that runs no more. */
const statusOf = (name: string, report: ServiceReport | null): ServiceStatus => ({
  name,
  ...(report ?? { state: 'stopped', sinceMs: null, listening: [], peers: [], lastError: null }),
})
