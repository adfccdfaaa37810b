import { gatewayStatus } from '../../src/app/gateway/status.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { gatewayStatusJson, gatewayStatusText } from '../../src/cli/text/gateway.js'

type Shown = ReturnType<typeof gatewayStatusJson>

export default class GatewayStatusCommand extends EfsCommand<Shown> {
  static override summary = 'say whether a gateway runs for this segment, and how its services are'
  static override description =
    'Ends with 0 where one runs, else with 1. Each enabled service is one line: running, waiting, failed with why and when it is tried again, or stopped.'
  static override examples = ['<%= config.bin %> gateway status', '<%= config.bin %> gateway status --json']
  #shown = ''

  protected override async work(): Promise<Shown> {
    const { flags } = await this.parse(GatewayStatusCommand)
    const app = this.app(flags)
    const status = await gatewayStatus(app)
    if (!status.running) this.ends(1)
    this.#shown = gatewayStatusText(status, app.clock.nowMs())
    return gatewayStatusJson(status)
  }

  protected override text(): string {
    return this.#shown
  }
}
