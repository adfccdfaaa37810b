import { boolean } from '@oclif/core/flags'
import { type ServiceShown, showService } from '../../src/app/services.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { SERVICE_ARG } from '../../src/cli/serve-commands.js'
import { serviceJson, serviceText } from '../../src/cli/service-text.js'

type Shown = ReturnType<typeof serviceJson>

export default class ServiceShow extends EfsCommand<Shown> {
  static override summary = 'show the keys of a service, what it serves, and its numbers'
  static override description = 'A secret is shown as ********. Zeros and - stand in the table before the first run.'
  static override examples = ['<%= config.bin %> service show hawaii', '<%= config.bin %> service show hawaii -s']
  static override args = SERVICE_ARG
  static override flags = { stat: boolean({ char: 's', summary: 'a table of numbers for each served path' }) }
  #shown = ''

  protected override async work(): Promise<Shown> {
    const { args, flags } = await this.parse(ServiceShow)
    const app = this.app(flags)
    const shown: ServiceShown = await showService(app, args.service, { stats: flags.stat })
    this.#shown = serviceText(shown, app.clock.nowMs())
    return serviceJson(shown)
  }

  protected override text(): string {
    return this.#shown
  }
}
