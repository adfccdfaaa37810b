import { string } from '@oclif/core/flags'
import { listServices } from '../../src/app/services/shown.js'
import { EfsCommand } from '../../src/cli/command/base.js'

export default class ServiceList extends EfsCommand<{ readonly names: string[] }> {
  static override summary = 'list the services'
  static override description =
    'One name a line, enabled or not. How each of them is, is what service show -s, and in short system status, tell.'
  static override examples = ['<%= config.bin %> service list', '<%= config.bin %> service list --name hawaii']
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
