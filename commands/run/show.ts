import { showRun } from '../../src/app/runs/undo.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required, runFrom } from '../../src/cli/flags/flags.js'
import { type RunJson, runJson, runRows } from '../../src/cli/text/run.js'

export default class RunShow extends EfsCommand<RunJson> {
  static override summary = 'show one run'
  static override description =
    'From where and into which bucket, when it began and ended, how many changes, and which run it undoes or was undone by.'
  static override examples = ['<%= config.bin %> run show 3', '<%= config.bin %> run show 3 --json']
  static override args = { number: required('as sync said it, and run list does') }

  protected override async work(): Promise<RunJson> {
    const { args, flags } = await this.parse(RunShow)
    return runJson(await showRun(this.app(flags), runFrom(args.number)))
  }

  protected override text(shown: RunJson): string {
    return runRows(shown)
  }
}
