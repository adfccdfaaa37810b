import { type GatewayStarted, startGateway } from '../../src/app/gateway/start.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { PROGRAM } from '../../src/cli/program.js'
import { startedText } from '../../src/cli/text/gateway.js'

export default class GatewayStart extends EfsCommand<GatewayStarted> {
  static override summary = 'run the enabled services of this segment, in the background'
  static override description =
    'It goes on when you log out, but not over a restart of the machine: systemd or a container does that. Where one runs already, nothing is done. service enable starts it too.'
  static override examples = ['<%= config.bin %> gateway start', '<%= config.bin %> gateway start --json']

  protected override async work(): Promise<GatewayStarted> {
    const { flags } = await this.parse(GatewayStart)
    const result = await this.busy('starting the gateway', () => startGateway(this.app(flags), PROGRAM))
    this.note(startedText(result))
    return result
  }

  protected override text(): string {
    return ''
  }
}
