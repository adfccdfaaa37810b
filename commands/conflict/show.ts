import { showConflict } from '../../src/app/objects/conflicts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { conflictJson, tipLine } from '../../src/cli/text/conflict.js'

export default class ConflictShow extends EfsCommand<undefined> {
  static override summary = 'show the versions of a conflict, latest first'
  static override description =
    'One line each: which version, when it was written, its size and kind, and by which segment. The first is the head, which reading returns; read any of them with object get --version.'
  static override examples = [
    '<%= config.bin %> conflict show Hawaii/Cola/bk1/report.pdf',
    '<%= config.bin %> conflict show Hawaii/Cola/bk1/report.pdf --json',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ConflictShow)
    const conflict = await showConflict(this.app(flags), args.path)
    await this.out(this.json ? `${JSON.stringify(conflictJson(conflict))}\n` : conflict.tips.map(tipLine).join(''))
    return undefined
  }

  protected override text(): string {
    return ''
  }
}
