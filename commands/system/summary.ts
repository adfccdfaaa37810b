import { type SystemSummary, systemSummary } from '../../src/app/system/system.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { bytesText } from '../../src/cli/text/amounts.js'
import { rowsText } from '../../src/cli/text/rows.js'

const withUnits = (bytes: number): string => `${bytes} (${bytesText(bytes)})`

export default class SystemSummaryCommand extends EfsCommand<SystemSummary> {
  static override summary = 'say how much the segment holds and how much room is left'
  static override description = 'The segment, its disk, and how many versions, objects, chunks and packs it has.'
  static override examples = ['<%= config.bin %> system summary', '<%= config.bin %> system summary --json']

  protected override async work(): Promise<SystemSummary> {
    const { flags } = await this.parse(SystemSummaryCommand)
    return systemSummary(this.app(flags))
  }

  protected override text(summary: SystemSummary): string {
    return rowsText([
      ['guid', summary.guid],
      ['capacity', withUnits(summary.capacity)],
      ['used', withUnits(summary.used)],
      ['available', withUnits(summary.available)],
      ['utilization', `${(summary.utilization * 100).toFixed(1)} %`],
      ['versions', summary.versions],
      ['objects', summary.objects],
      ['chunks', summary.chunks],
      ['packs', summary.packs],
      ['logical', withUnits(summary.logical)],
      ['reduction', summary.reduction === null ? '-' : `${summary.reduction.toFixed(2)} x`],
    ])
  }
}
