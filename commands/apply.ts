import { applyPlan } from '../src/app/plan/apply.js'
import { RUN_FLAGS, SyncCommand, waysFrom } from '../src/cli/command/sync.js'
import { required } from '../src/cli/flags/flags.js'

export default class Apply extends SyncCommand {
  static override summary = 'do exactly what a plan says'
  static override description =
    'A plan says what each side was when it was made. Where a side has moved on since, each difference is named and nothing is written (exit 5). Make the plan with plan --json > FILE.'
  static override examples = ['<%= config.bin %> apply plan.json', '<%= config.bin %> apply plan.json --bwlimit 10M']
  static override args = { file: required('what plan --json wrote') }
  static override flags = RUN_FLAGS
  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(Apply)
    const request = { ...args, ...waysFrom(flags, this.settings) }
    await this.transfer((watch) =>
      applyPlan(this.app(flags), request, watch, ({ key, what }) =>
        this.json ? this.event({ type: 'moved', key, what }) : this.out(`${key}: ${what}\n`),
      ),
    )
    return undefined
  }
}
