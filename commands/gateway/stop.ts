import { type GatewayStopped, stopGateway } from '../../src/app/gateway/stop.js'
import { EfsCommand } from '../../src/cli/command/base.js'

export default class GatewayStop extends EfsCommand<GatewayStopped> {
  static override summary = 'stop the gateway of this segment, and wait until it has ended'
  static override description =
    'Services have some seconds to end, and what was done is kept: the next gateway goes on from there. Services stay enabled. Where none runs, nothing is done.'
  static override examples = ['<%= config.bin %> gateway stop', '<%= config.bin %> gateway stop --quiet']

  protected override async work(): Promise<GatewayStopped> {
    const { flags } = await this.parse(GatewayStop)
    const result = await this.busy('stopping the gateway', () => stopGateway(this.app(flags)))
    this.note(result.pid === null ? 'no gateway runs' : `gateway stopped (pid ${result.pid})`)
    return result
  }

  protected override text(): string {
    return ''
  }
}
