import { deleteObject } from '../../src/app/objects.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { required } from '../../src/cli/flags.js'

export default class ObjectDelete extends EfsCommand<{ path: string; status: 'deleted' }> {
  static override summary = 'delete an object; its versions stay and can be restored'
  static override examples = ['<%= config.bin %> object delete Hawaii/Cola/bk1/report.pdf']
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }

  protected override async work(): Promise<{ path: string; status: 'deleted' }> {
    const { args, flags } = await this.parse(ObjectDelete)
    await deleteObject(this.app(flags), args.path)
    this.note(`deleted ${args.path}`)
    return { path: args.path, status: 'deleted' }
  }

  protected override text(): string {
    return ''
  }
}
