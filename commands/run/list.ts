import { listRuns } from '../../src/app/runs/undo.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { optional } from '../../src/cli/flags/flags.js'
import { type RunJson, runJson, runTable } from '../../src/cli/text/run.js'

interface Answer {
  readonly runs: readonly RunJson[]
}

export default class RunList extends EfsCommand<Answer> {
  static override summary = 'list what changed the buckets of this segment, the latest first'
  static override description = 'One line each: its number, when it began, how many changes, the bucket, from where.'
  static override examples = ['<%= config.bin %> run list', '<%= config.bin %> run list Hawaii/Cola/bk1']
  static override args = { bucket: optional('only of this one') }

  protected override async work(): Promise<Answer> {
    const { args, flags } = await this.parse(RunList)
    return { runs: (await listRuns(this.app(flags), args.bucket)).map(runJson) }
  }

  protected override text({ runs }: Answer): Promise<string> {
    return runTable(runs, this.page)
  }
}
