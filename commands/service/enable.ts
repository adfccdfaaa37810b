import { boolean } from '@oclif/core/flags'
import { type Enabled, enableService } from '../../src/app/services/enabling.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'
import { PROGRAM } from '../../src/cli/program.js'
import { startedText } from '../../src/cli/text/gateway.js'

export default class ServiceEnable extends EfsCommand<Enabled> {
  static override summary = 'have a service run; a gateway is started in the background where none runs'
  static override description =
    'Kept over restarts of the machine: a gateway runs what is enabled. With --no-start none is started, for where systemd or a container runs it.'
  static override examples = [
    '<%= config.bin %> service enable hawaii',
    '<%= config.bin %> service enable hawaii-r --no-start',
  ]
  static override args = SERVICE_ARG
  static override flags = { 'no-start': boolean({ summary: 'start no gateway' }) }

  protected override async work(): Promise<Enabled> {
    const { args, flags } = await this.parse(ServiceEnable)
    const program = flags['no-start'] ? undefined : PROGRAM
    const result = await this.busy('enabling', () => enableService(this.app(flags), args.service, program))
    this.note(`${result.changed ? 'enabled' : 'enabled already'}; ${gatewayText(result)}`)
    return result
  }

  protected override text(): string {
    return ''
  }
}

function gatewayText({ gateway }: Enabled): string {
  if (gateway === null) return 'no gateway runs (efs gateway start)'
  return gateway.started ? startedText(gateway) : `the gateway (pid ${gateway.pid}) runs it`
}
