import { string } from '@oclif/core/flags'
import { listServices } from '../../src/app/services.js'
import { EfsCommand } from '../../src/cli/base-command.js'

export default class ServiceList extends EfsCommand<{ readonly names: string[] }> {
  static override summary = 'list the services'
  static override examples = ['<%= config.bin %> service list']
  static override flags = {
    name: string({ char: 'n', summary: 'only names that start so', helpValue: 'PREFIX', default: '' }),
  }

  protected override async work(): Promise<{ readonly names: string[] }> {
    const { flags } = await this.parse(ServiceList)
    return { names: await listServices(this.app(flags), flags.name) }
  }

  protected override text({ names }: { readonly names: string[] }): string {
    return names.map((name) => `${name}\n`).join('')
  }
}
