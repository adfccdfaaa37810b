import { type ServedShown, type ServiceShown, servedText } from '../../app/services/shown.js'
import { errorJson } from './gateway.js'
import { isoOf } from './iso.js'
import { rowsText } from './rows.js'
import { statsTable } from './service-table.js'

/** The keys, the served list in its brackets, then a table for each path whose numbers are there. */
export function serviceText(shown: ServiceShown, nowMs: number): string {
  const list = shown.served.map((one) => `  ${servedText(one)}\n`).join('')
  return `${rowsText(shown.keys)}[\n${list}]\n${tablesText(shown, nowMs)}`
}

export const tablesText = ({ served }: ServiceShown, nowMs: number): string =>
  served.map(({ path, stats }) => (stats === undefined ? '' : statsTable(path, stats, nowMs))).join('')

/** What `service show --json` prints. */
export const serviceJson = ({ name, type, keys, served }: ServiceShown) => ({
  name,
  type,
  keys: Object.fromEntries(keys),
  buckets: served.map(servedJson),
})

/** Ages and delays stay milliseconds; what names a moment is ISO 8601, UTC. */
function servedJson({ path, as, pause, stats }: ServedShown) {
  const own = { path, as: as ?? null, pause }
  if (stats === undefined) return own
  const { timestampMs, lastSuccessMs, lastError, ...numbers } = stats
  return {
    ...own,
    ...numbers,
    timestamp: isoOf(timestampMs),
    lastSuccess: isoOf(lastSuccessMs),
    lastError: errorJson(lastError),
  }
}
