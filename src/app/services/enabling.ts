import { EfsError } from '../../base/errors.js'
import { shownValue, withValue } from '../../service/service.js'
import { type App, withSegment } from '../app.js'
import { type GatewayStarted, startGateway } from '../gateway/start.js'
import { runningGateway } from '../gateway/state.js'
import { changeService } from './files.js'

export interface Enabled {
  readonly name: string
  readonly enabled: boolean
  /** False where it was so already. */
  readonly changed: boolean
  /** Null where none runs. */
  readonly gateway: GatewayStarted | null
}

/**
 * Enables a service. With `program`, the file that is `efs`, a gateway is started in the background where none runs.
 * @throws USAGE; NOT_FOUND with the nearest; CORRUPT, NEWER_FORMAT; what `startGateway` does: then it is enabled all the same
 */
export async function enableService(app: App, name: string, program: string | undefined): Promise<Enabled> {
  // Where that cannot be told nothing is changed either.
  const running = runningNow(app)
  const changed = await setStatus(app, name, 'enabled')
  const gateway = program === undefined ? running : await started(app, name, program)
  return { name, enabled: true, changed, gateway }
}

/** Disables a service; the gateway that runs it stops it. @throws USAGE; NOT_FOUND with the nearest; CORRUPT, NEWER_FORMAT */
export async function disableService(app: App, name: string): Promise<Enabled> {
  // Where that cannot be told nothing is changed either.
  const gateway = runningNow(app)
  const changed = await setStatus(app, name, 'disabled')
  return { name, enabled: false, changed, gateway }
}

const setStatus = (app: App, name: string, status: 'enabled' | 'disabled'): Promise<boolean> =>
  withSegment(app, async (segment) => {
    const { before } = await changeService(segment, name, (service) => withValue(service, 'X-Status', status))
    return shownValue(before, 'X-Status') !== status
  })

function runningNow({ home }: App): GatewayStarted | null {
  const state = runningGateway(home)
  return state === undefined ? null : { pid: state.process.pid, started: false }
}

async function started(app: App, name: string, program: string): Promise<GatewayStarted> {
  try {
    return await startGateway(app, program)
  } catch (error) {
    if (!(error instanceof EfsError)) throw error
    const { code, message, hint } = error
    throw new EfsError(code, `${name} is enabled, but ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    })
  }
}
