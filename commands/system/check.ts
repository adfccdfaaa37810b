import { boolean } from '@oclif/core/flags'
import { checkSystem } from '../../src/app/system.js'
import { bytesText, countOf } from '../../src/cli/amounts.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import type { CheckReport, Damage } from '../../src/model/segment.js'

export default class SystemCheck extends EfsCommand<CheckReport> {
  static override summary = 'compare the index with the packs; nothing is repaired'
  static override description = 'Each damage is one line, with what it harms. Ends with 9 when there is any.'
  static override examples = ['<%= config.bin %> system check', '<%= config.bin %> system check --read-data']
  static override flags = { 'read-data': boolean({ summary: 'read and verify every byte too' }) }
  protected override readonly streams = true

  protected override async work(): Promise<CheckReport> {
    const { flags } = await this.parse(SystemCheck)
    const report = await checkSystem(this.app(flags), flags['read-data'], this.signal)
    const { damage, ...numbers } = report
    for (const one of damage) await this.event({ type: 'damage', ...one })
    await this.event({ type: 'summary', ...numbers, damaged: damage.length })
    const looked = [countOf(report.packs, 'pack'), countOf(report.records, 'record')]
    if (flags['read-data']) looked.push(`${bytesText(report.bytesRead)} read`)
    if (damage.length === 0) this.note(`${this.screen.yes} clean: ${looked.join(', ')}`)
    else this.note(`${this.screen.no} ${countOf(damage.length, 'damage')}: ${looked.join(', ')}`)
    if (damage.length > 0) this.ends(9)
    return report
  }

  protected override text({ damage }: CheckReport): string {
    return damage.map(damageText).join('')
  }
}

function damageText({ pack, offset, what, harms }: Damage): string {
  return `${pack} at ${offset}: ${what}${harms.length > 0 ? `; harms ${harms.join(', ')}` : ''}\n`
}
