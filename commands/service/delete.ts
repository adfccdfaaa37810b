import { deleteService, type ServiceDeleted } from '../../src/app/services/services.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'

export default class ServiceDelete extends EfsCommand<ServiceDeleted> {
  static override summary =
    'delete a service that serves nothing and is disabled, its secret, and what was given out for it'
  static override description =
    'What is at the peer stays there. Where it is enabled or has buckets attached, it is refused (exit 6): disable it and detach them first.'
  static override examples = ['<%= config.bin %> service delete hawaii', '<%= config.bin %> service delete hawaii-r']
  static override args = SERVICE_ARG

  protected override async work(): Promise<ServiceDeleted> {
    const { args, flags } = await this.parse(ServiceDelete)
    const result = await deleteService(this.app(flags), args.service)
    const { name, credentials } = result
    const taken = credentials === 0 ? '' : `: ${countOf(credentials, 'credential')} of peers taken away`
    this.note(`deleted service ${name}${taken}`)
    return result
  }

  protected override text(): string {
    return ''
  }
}
