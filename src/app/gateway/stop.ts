import { setTimeout as delay } from 'node:timers/promises'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { readIdentity } from '../../store/identity.js'
import { isOfOtherSpace, isRunning } from '../../store/process-identity.js'
import type { App } from '../app.js'
import { runningGateway } from './state.js'

const LOOK_MS = 25

export interface GatewayStopped {
  /** Null where none ran. */
  readonly pid: number | null
}

/** Stops the gateway of this home, and waits until it has ended. @throws NOT_FOUND where no segment is; FAILED where it does not end; REFUSED */
export async function stopGateway({ home }: App): Promise<GatewayStopped> {
  readIdentity(home)
  const state = runningGateway(home)
  if (state === undefined) return { pid: null }
  const { pid } = state.process
  if (isOfOtherSpace(state.process)) throw isOfContainer(pid)
  signal(pid)
  for (const end = performance.now() + LIMITS.gatewayStopMsMax; performance.now() < end; ) {
    if (!isRunning(state.process, home)) return { pid }
    await delay(LOOK_MS)
  }
  throw new EfsError('FAILED', `the gateway (pid ${pid}) has not ended after ${LIMITS.gatewayStopMsMax / 1000} s`, {
    hint: `kill -9 ${pid} ends it; what was acknowledged is kept`,
  })
}

const isOfContainer = (pid: number): EfsError =>
  new EfsError('REFUSED', `the gateway (pid ${pid}) is that of another container`, {
    hint: 'stop it there, with docker stop or docker exec CONTAINER efs gateway stop',
  })

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    // It has just ended by itself.
    if (systemCode(error) === 'ESRCH') return
    if (systemCode(error) !== 'EPERM') throw error
    throw new EfsError('REFUSED', `the gateway (pid ${pid}) is another user's`, {
      hint: 'stop it as that user, or as root',
      cause: error,
    })
  }
}
