import type { GatewayAddress } from '../../model/remote.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import type { App } from '../app.js'

/** What is tested of a service that calls a gateway. */
export interface Checked {
  readonly app: App
  readonly segment: Segment
  readonly service: Service
  readonly at: GatewayAddress
  readonly signal: AbortSignal
}
