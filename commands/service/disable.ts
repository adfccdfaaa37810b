import { disableService, type Enabled } from '../../src/app/services/enabling.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'

export default class ServiceDisable extends EfsCommand<Enabled> {
  static override summary = 'have a service run no longer; the gateway stops it, and runs the others'
  static override description =
    'What was done is kept. Enabled again, it goes on from where it was, with what has changed meanwhile.'
  static override examples = ['<%= config.bin %> service disable hawaii', '<%= config.bin %> service disable hawaii-r']
  static override args = SERVICE_ARG

  protected override async work(): Promise<Enabled> {
    const { args, flags } = await this.parse(ServiceDisable)
    const result = await disableService(this.app(flags), args.service)
    const { changed, gateway } = result
    const stops = changed && gateway !== null ? `; the gateway (pid ${gateway.pid}) stops it` : ''
    this.note(`${changed ? 'disabled' : 'disabled already'}${stops}`)
    return result
  }

  protected override text(): string {
    return ''
  }
}
