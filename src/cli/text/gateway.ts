import type { GatewayStarted } from '../../app/gateway/start.js'
import type { GatewayStatus, ServiceStatus } from '../../app/gateway/status.js'
import { shortGuid } from '../../model/ids.js'
import type { LinkError } from '../../model/service.js'
import { isoOf } from './iso.js'
import { rowsText } from './rows.js'

/** What `start` says, and `service enable` after its own word. */
export const startedText = ({ pid, started }: GatewayStarted): string =>
  started ? `gateway started in the background (pid ${pid}, efs gateway logs)` : `the gateway runs already (pid ${pid})`

/** `name: value` lines, then one for each service. */
export function gatewayStatusText(status: GatewayStatus, nowMs: number): string {
  const { running, pid, sinceMs, segment, version, listening, fingerprint, services } = status
  return rowsText([
    ['running', running ? 'yes' : 'no'],
    ['pid', pid ?? '-'],
    ['since', isoOf(sinceMs) ?? '-'],
    ['segment', shortGuid(segment)],
    ['version', version ?? '-'],
    ['listening', listening.length === 0 ? '-' : listening.join(', ')],
    ['fingerprint', fingerprint],
    ...services.map((one): [string, string] => [`service ${one.name}`, stateText(one, nowMs)]),
  ])
}

function stateText({ state, lastError }: ServiceStatus, nowMs: number): string {
  if (lastError === null || state === 'running' || state === 'stopped') return state
  const { message, nextTryMs } = lastError
  const next = nextTryMs === null ? '' : `, next try in ${Math.max(0, Math.ceil((nextTryMs - nowMs) / 1000))} s`
  return `${state}: ${message}${next}`
}

/** What `gateway status --json` prints. */
export function gatewayStatusJson({
  running,
  pid,
  sinceMs,
  segment,
  version,
  listening,
  fingerprint,
  services,
}: GatewayStatus) {
  const shown = services.map(({ sinceMs: since, lastError, ...one }) => ({
    ...one,
    since: isoOf(since),
    lastError: errorJson(lastError),
  }))
  return { running, pid, since: isoOf(sinceMs), segment, version, listening, fingerprint, services: shown }
}

export const errorJson = (error: LinkError | null) =>
  error && { at: isoOf(error.atMs), message: error.message, nextTry: isoOf(error.nextTryMs) }
