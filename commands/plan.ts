import { requestFrom, SYNC_ARGS, SYNC_FLAGS, SyncCommand } from '../src/cli/command/sync.js'

export default class Plan extends SyncCommand {
  static override summary = 'say what sync would do, write nothing'
  static override description =
    'One line a step: what would be put and deleted, how many bytes would move at most, where DST was changed by others, and about how long it takes. With --json it is a document that apply takes: it does exactly that, and refuses where a side has moved on.'
  static override examples = [
    '<%= config.bin %> plan ./photos Hawaii/Cola/bk1 --delete',
    '<%= config.bin %> plan ./photos Hawaii/Cola/bk1 --json > plan.json',
  ]
  static override args = SYNC_ARGS
  static override flags = SYNC_FLAGS

  protected override async work(): Promise<undefined> {
    const parsed = await this.parse(Plan)
    await this.plan(requestFrom(parsed, this.settings), parsed.flags)
    return undefined
  }
}
