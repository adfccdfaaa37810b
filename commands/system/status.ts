import { type SystemStatus, systemStatus } from '../../src/app/system/status.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { statusText } from '../../src/cli/text/status.js'

export default class SystemStatusCommand extends EfsCommand<SystemStatus> {
  static override summary = 'say whether this segment, its gateway and its services are healthy'
  static override description =
    `Cheap however much is stored, for cron and monitoring: it ends with 1 unless all is well. No peer is asked, and of the
packs only their lengths and first bytes are looked at; <%= config.bin %> system check looks at everything.`
  static override examples = ['<%= config.bin %> system status', '<%= config.bin %> system status --json']
  #nowMs = 0

  protected override async work(): Promise<SystemStatus> {
    const { flags } = await this.parse(SystemStatusCommand)
    const app = this.app(flags)
    const status = await systemStatus(app)
    this.#nowMs = app.clock.nowMs()
    if (status.health !== 'ok') this.ends(1)
    return status
  }

  protected override text(status: SystemStatus): string {
    return statusText(status, this.#nowMs)
  }
}
