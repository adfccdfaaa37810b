import type { ServiceType } from '../../model/service.js'
import type { ServiceRunner } from './runner.js'

export type Runners = Readonly<Record<ServiceType, ServiceRunner>>

/** What each type of service does. */
export const defaultRunners = (): Runners => ({ isgw: IDLE })

/** Runs, and does nothing until it is stopped. */
const IDLE: ServiceRunner = {
  start() {
    const { promise, resolve } = deferred()
    return {
      done: promise,
      async stop() {
        resolve()
      },
    }
  },
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: () => void = () => undefined
  const promise = new Promise<void>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: settle }
}
