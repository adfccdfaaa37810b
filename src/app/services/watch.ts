import { type App, withSegment } from '../app.js'
import { pause } from '../gateway/streak.js'
import { findService } from './files.js'
import { serviceNow } from './numbers.js'
import { type ServiceShown, shownOf } from './shown.js'

const EACH_MS = 1000

/** As `showService` with its numbers, each second until `signal` is aborted. @throws as `showService` */
export const watchService = (
  app: App,
  name: string,
  each: (shown: ServiceShown) => Promise<void>,
  signal: AbortSignal,
): Promise<void> =>
  withSegment(app, async (segment) => {
    while (!signal.aborted) {
      const service = findService(segment, name)
      await each({ ...shownOf(service), served: (await serviceNow(app, segment, service)).served })
      await pause(EACH_MS, signal)
    }
  })
