import { string } from '@oclif/core/flags'
import { restoreObject } from '../../src/app/objects/objects.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'

export default class ObjectRestore extends EfsCommand<{ path: string; version: string }> {
  static override summary = 'make an older version the head again; without --version the latest that is no delete'
  static override description =
    'Without --version the latest one that is no delete. It becomes a new version on top, so that this can be taken back too; no data moves.'
  static override examples = [
    '<%= config.bin %> object restore Hawaii/Cola/bk1/report.pdf',
    '<%= config.bin %> object restore Hawaii/Cola/bk1/report.pdf --version 9f2c41aa',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }
  static override flags = { version: string({ helpValue: 'ID', summary: 'as object versions shows it' }) }

  protected override async work(): Promise<{ path: string; version: string }> {
    const { args, flags } = await this.parse(ObjectRestore)
    const version = await restoreObject(this.app(flags), args.path, flags.version)
    this.note(`restored ${args.path} to ${version.slice(0, 16)}`)
    return { path: args.path, version }
  }

  protected override text(): string {
    return ''
  }
}
