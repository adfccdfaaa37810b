import { type GatewayStopped, stopGateway } from '../../src/app/gateway/stop.js'
import { EfsCommand } from '../../src/cli/base-command.js'

export default class GatewayStop extends EfsCommand<GatewayStopped> {
  static override summary = 'stop the gateway of this segment, and wait until it has ended'
  static override examples = ['<%= config.bin %> gateway stop']

  protected override async work(): Promise<GatewayStopped> {
    const { flags } = await this.parse(GatewayStop)
    const result = await stopGateway(this.app(flags))
    this.note(result.pid === null ? 'no gateway runs' : `gateway stopped (pid ${result.pid})`)
    return result
  }

  protected override text(): string {
    return ''
  }
}
