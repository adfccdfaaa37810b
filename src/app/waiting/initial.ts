import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Service } from '../../model/service.js'
import { readNumbers } from '../../stats/files.js'
import type { App } from '../app.js'
import { gatewayFiles } from '../gateway/files.js'
import { runningGateway } from '../gateway/state.js'
import { rulesOf } from '../link/rules.js'

/**
 * Tells of a service that brings only what is there when it starts whether it has brought that: what is not at the other side then is not
 * waited for. The gateway's word counts once it stands for a while, since one that has just been told to start may not have begun.
 */
export class InitialEnd {
  readonly #app: App
  readonly #service: Service
  #restsSinceMs: number | undefined

  constructor(app: App, service: Service) {
    this.#app = app
    this.#service = service
  }

  /** `served`: the path that is waited for. @throws FAILED once nothing more comes */
  async look(served: string): Promise<void> {
    const { name } = this.#service
    if (rulesOf(this.#service).mode !== 'initial') return
    const nowMs = this.#app.clock.nowMs()
    if (!(await this.#isAtRest(served))) this.#restsSinceMs = undefined
    else this.#restsSinceMs ??= nowMs
    if (this.#restsSinceMs === undefined || nowMs - this.#restsSinceMs < LIMITS.waitRestMs) return
    throw new EfsError(
      'FAILED',
      `${name} brings only what is there when it starts; what came to ${served} since it does not`,
      {
        hint: `efs service sync ${name} brings the rest; efs service config ${name} X-ISGW-Replication 3 what comes, too`,
      },
    )
  }

  async #isAtRest(served: string): Promise<boolean> {
    const { home } = this.#app
    const { report, served: all } = await readNumbers(gatewayFiles(home).stats, this.#service.name)
    const [stats, gateway] = [all.get(served), runningGateway(home)]
    if (stats === undefined || gateway === undefined || report?.state !== 'running') return false
    const hasBegun = (stats.lastSuccessMs ?? 0) >= Math.max(report.sinceMs, gateway.startedMs)
    return hasBegun && stats.status === 'idle' && !stats.lastError?.nextTryMs
  }
}
