import { EfsCommand } from '../src/cli/command/base.js'
import { type Explanation, explain } from '../src/cli/explain.js'
import { required } from '../src/cli/flags/flags.js'
import { rowsText } from '../src/cli/text/rows.js'

export default class Explain extends EfsCommand<Explanation> {
  static override summary = 'say what a key of a service, a code of an error, an exit code or a setting means'
  static override description =
    'What it takes, what it is when nobody sets it, how to set it; of a code, what to do and how a command ends. Of an exit code, the errors that end with it. Small and capital letters are one.'
  static override examples = [
    '<%= config.bin %> explain X-ISGW-Direction',
    '<%= config.bin %> explain GUARD',
    '<%= config.bin %> explain 6',
  ]
  static override args = { word: required('X-ISGW-Direction, GUARD, 6, jobs') }

  protected override async work(): Promise<Explanation> {
    const { args } = await this.parse(Explain)
    return explain(args.word)
  }

  protected override text({ about }: Explanation): string {
    return rowsText(Object.entries(about))
  }
}
