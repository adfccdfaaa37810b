import { failed, passed, warned } from '../../model/finding.js'
import type { HostPort } from '../../model/remote.js'
import { hostPortText, parseHostPort } from '../../model/remote.js'
import type { Service } from '../../model/service.js'
import { isEnabled } from '../../service/health.js'
import { readNumbers } from '../../stats/files.js'
import type { App } from '../app.js'
import { gatewayFiles } from '../gateway/files.js'
import { runningGateway } from '../gateway/state.js'
import { failedBy, type Outcome } from './outcome.js'

/** Whether our own gateway listens where a service is to listen. */
export async function portTest(
  { home }: Pick<App, 'home'>,
  service: Service,
  listener: HostPort,
  signal: AbortSignal,
): Promise<Outcome> {
  const wanted = hostPortText(listener)
  const nobody = `nobody listens at ${wanted}`
  if (!isEnabled(service)) {
    return failed('port', `${nobody}: the service is disabled`, `efs service enable ${service.name}`)
  }
  const gateway = runningGateway(home)
  if (gateway === undefined) return failed('port', `${nobody}: no gateway runs`, 'efs gateway start')
  const { report } = await readNumbers(gatewayFiles(home).stats, service.name)
  const at = report?.listening.map(parseHostPort).find((one) => one !== undefined)
  if (at === undefined) {
    const why = report?.lastError?.message ?? 'the gateway has not begun with it yet'
    return failed('port', `${nobody}: ${why}`, 'efs gateway logs tells more')
  }
  const { probePort } = await import('../../link/client/probe.js')
  try {
    await probePort(reachable(at), signal)
  } catch (error) {
    return failedBy('port', error)
  }
  const shown = hostPortText(at)
  const by = `gateway pid ${gateway.process.pid}`
  if (shown === wanted) return passed('port', `${shown}, ${by}`)
  return warned('port', `only ${shown} is listened on, since nobody has credentials; ${by}`, credentials(service))
}

const credentials = ({ name }: Service): string =>
  `for others: efs service config ${name} X-ISGW-Basic-Auth -, or efs gateway pair`

/** What listens everywhere is found here. */
function reachable({ host, port }: HostPort): HostPort {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port }
  return host === '::' ? { host: '::1', port } : { host, port }
}
