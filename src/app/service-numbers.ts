import type { Served, ServedStats, Service } from '../model/service.js'
import { readNumbers } from '../stats/files.js'
import { NEVER_RUN } from '../stats/never-run.js'
import { gatewayFiles } from './gateway/files.js'
import { runningGateway } from './gateway/state.js'

/** What has been counted for each path that a service serves. Where no gateway runs, nothing is going on. */
export async function servedNumbers(
  home: string,
  { name, served }: Service,
): Promise<(Served & { readonly stats: ServedStats })[]> {
  const numbers = await readNumbers(gatewayFiles(home).stats, name)
  const isRunning = runningGateway(home) !== undefined
  return served.map((one) => {
    const stats = numbers.served.get(one.path) ?? NEVER_RUN
    return { ...one, stats: isRunning ? stats : atRest(stats) }
  })
}

const atRest = (stats: ServedStats): ServedStats => ({
  ...stats,
  status: stats.status && 'idle',
  sendThroughput: 0,
  receiveThroughput: 0,
})
