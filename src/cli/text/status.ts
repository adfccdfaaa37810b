import type { ServiceStanding, SystemStatus } from '../../app/system/status.js'
import { countOf, countText } from '../../base/counts.js'
import { shortGuid } from '../../model/ids.js'
import { ago } from './ages.js'
import { bytesText } from './amounts.js'
import { rowsText } from './rows.js'

/** `name: value` lines, then one for each service. */
export function statusText(status: SystemStatus, nowMs: number): string {
  const { segment, home, format, buckets, health, damaged, unadopted, gateway, services } = status
  const why = damaged === 0 ? '' : ` (${countOf(damaged, 'pack')}, see efs system check)`
  return rowsText([
    ['segment', shortGuid(segment)],
    ['home', home],
    ['format', format],
    ['buckets', buckets],
    ['health', `${health}${why}`],
    ...(unadopted ? [['adopt', 'needed: efs system adopt --moved or --copied'] as const] : []),
    ['gateway', gateway === null ? 'none runs' : `pid ${gateway}`],
    ...services.map((one) => [`service ${one.name}`, standingText(one, nowMs)] as const),
  ])
}

/** `ok, running, 0 behind, last success 3 seconds ago`; what was left out before that, what fails at the end. */
function standingText({ health, state, behind, heldUp, ageMs, why }: ServiceStanding, nowMs: number): string {
  const { objects, bytes, capped } = behind
  const more = capped ? '+' : ''
  const waiting = objects === 0 ? '0 behind' : `${countText(objects)}${more} behind (${bytesText(bytes)}${more})`
  const left = heldUp === 0 ? [] : [`${countText(heldUp)} held up`]
  const success = ageMs === null ? [] : [`last success ${ago(nowMs - ageMs, nowMs)}`]
  return [health, state, waiting, ...left, ...success, ...(why === null ? [] : [why])].join(', ')
}
