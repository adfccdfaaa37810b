import type { Service } from '../../model/service.js'
import { canReceive, canSend } from '../../service/isgw.js'
import { isUnset, shownValue } from '../../service/service.js'
import type { FlowMode } from '../../transfer/live/mode.js'

/** How a link works, as its service says. */
export interface LinkRules {
  /** What the service is called. */
  readonly service: string
  readonly sends: boolean
  readonly receives: boolean
  /** These ways were asked for by name, not left to what the peer gives. */
  readonly named: boolean
  readonly mode: FlowMode
  readonly processingDelayMs: number
}

export function rulesOf(service: Service): LinkRules {
  const direction = shownValue(service, 'X-ISGW-Direction')
  const replication = shownValue(service, 'X-ISGW-Replication')
  return {
    service: service.name,
    sends: canSend(direction),
    receives: canReceive(direction),
    named: !isUnset(direction),
    mode: replication === '1' ? 'initial' : replication === '2' ? 'continuous' : 'both',
    processingDelayMs: Number(shownValue(service, 'X-ISGW-Processing-Delay')),
  }
}
