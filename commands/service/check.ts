import { checkService } from '../../src/app/check/service-check.js'
import { CheckCommand } from '../../src/cli/command/check.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'

export default class ServiceCheck extends CheckCommand {
  static override summary =
    'test all that a service needs: name, port, address, certificate, credentials, rights, buckets, clock'
  static override description =
    'One line a test, as soon as it is known, and what to do where one fails. Nothing is changed at either side.'
  static override examples = ['<%= config.bin %> service check hawaii', '<%= config.bin %> service check hawaii --json']
  static override args = SERVICE_ARG

  protected override async work(): Promise<void> {
    const { args, flags } = await this.parse(ServiceCheck)
    await this.busy('testing', () => checkService(this.app(flags), args.service, this.tell, this.signal))
    await this.finish()
  }
}
