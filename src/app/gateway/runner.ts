import type { Clock } from '../../base/clock.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import type { LiveNumbers } from '../../stats/live-numbers.js'
import type { GatewayLog } from './log.js'

/** What the gateway lends to a service for as long as it runs. */
export interface ServiceContext {
  /** Open, one for all services; its bell is one, too. The gateway closes it. */
  readonly segment: Segment
  /** That of the service, where it has one; another secret is another start. */
  readonly secret: string | undefined
  /** Whether something was given out for it by pairing. */
  readonly isPaired: boolean
  /** About this service. */
  readonly log: GatewayLog
  /**
   * Those of this service; they go on from those of before. What it reports its state in: as `running` once it does what it is for, as `waiting`
   * what is away or busy for a while.
   */
  readonly numbers: LiveNumbers
  readonly clock: Clock
}

export interface RunningService {
  /** Settles once it is reported as `running`; never where it fails before. */
  readonly up: Promise<void>
  /** Rejects when the service has failed; it is stopped then, and started again later. Settles, too, once it has stopped. */
  readonly done: Promise<void>
  /** Ends it, with all that it has to save; also where it has failed. What takes longer than LIMITS.servicesStopMsMax may not be waited for. */
  stop(): Promise<void>
}

/** What services of one type do. One runner serves all services of its type, so what they share lives in it. */
export interface ServiceRunner {
  /** Must not block; where it throws, the service has failed. It is not called again before the one of before has stopped. */
  start(service: Service, context: ServiceContext): RunningService
}
