import { type SystemStatus, systemStatus } from '../../src/app/system.js'
import { countOf } from '../../src/cli/amounts.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { rowsText } from '../../src/cli/rows.js'
import { shortGuid } from '../../src/model/ids.js'

export default class SystemStatusCommand extends EfsCommand<SystemStatus> {
  static override summary = 'say which segment this is, and whether it is healthy'
  static override examples = ['<%= config.bin %> system status']

  protected override async work(): Promise<SystemStatus> {
    const { flags } = await this.parse(SystemStatusCommand)
    const status = await systemStatus(this.app(flags), this.signal)
    if (status.damaged > 0) this.ends(1)
    return status
  }

  protected override text({ segment, home, format, buckets, health, damaged, unadopted }: SystemStatus): string {
    const why = damaged === 0 ? '' : ` (${countOf(damaged, 'place')}, see efs system check)`
    return rowsText([
      ['segment', shortGuid(segment)],
      ['home', home],
      ['format', format],
      ['buckets', buckets],
      ['health', `${health}${why}`],
      ...(unadopted ? [['adopt', 'needed: efs system adopt --moved or --copied'] as const] : []),
    ])
  }
}
