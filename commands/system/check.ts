import { boolean } from '@oclif/core/flags'
import { checkSystem, repairSystem } from '../../src/app/system/system.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { bytesText } from '../../src/cli/text/amounts.js'
import type { Damage, Lost } from '../../src/model/segment.js'

export default class SystemCheck extends EfsCommand<void> {
  static override summary = 'compare the index with the packs, or make it anew from them'
  static override description =
    'Each damage is one line, with what it harms. Ends with 9 when there is any.\n\n' +
    'Without --repair nothing is changed. With it the index is made anew from the packs alone, whatever the old one is: ' +
    'names, buckets, objects and all their versions come back. What the packs no longer hold is one line each, and is not ' +
    'claimed any more, so that a later sync brings it again. No other process may use the segment meanwhile.'
  static override examples = [
    '<%= config.bin %> system check',
    '<%= config.bin %> system check --read-data',
    '<%= config.bin %> system check --repair',
  ]
  static override flags = {
    'read-data': boolean({ summary: 'read and verify every byte too' }),
    repair: boolean({ summary: 'make the index anew from the packs', exclusive: ['read-data'] }),
  }
  protected override readonly streams = true
  protected override readonly goesOn = true

  protected override async work(): Promise<void> {
    const { flags } = await this.parse(SystemCheck)
    if (flags.repair) await this.#repair(this.app(flags))
    else await this.#check(this.app(flags), flags['read-data'])
  }

  protected override text(): string {
    return ''
  }

  async #check(app: Parameters<typeof checkSystem>[0], readData: boolean): Promise<void> {
    const { damage, ...numbers } = await this.busy('checking', () => checkSystem(app, readData, this.signal))
    for (const one of damage) await this.#damage(one)
    await this.event({ type: 'summary', ...numbers, damaged: damage.length })
    const { packs, versions, records, bytesRead } = numbers
    const inside = readData
      ? [countOf(records, 'record'), `${bytesText(bytesRead)} read`]
      : [countOf(versions, 'version')]
    const looked = [countOf(packs, 'pack'), ...inside]
    if (damage.length === 0) this.note(`${this.screen.yes} clean: ${looked.join(', ')}`)
    else this.note(`${this.screen.no} ${countOf(damage.length, 'damage')}: ${looked.join(', ')}`)
    if (damage.length > 0) this.ends(9)
  }

  async #repair(app: Parameters<typeof repairSystem>[0]): Promise<void> {
    const tell: Parameters<typeof repairSystem>[1] = async (finding) => {
      if (finding.kind === 'damage') await this.#damage(finding.damage)
      else if (finding.kind === 'lost') await this.#lost(finding.lost)
      else this.note(finding.text)
    }
    const report = await this.busy('making the index anew', () => repairSystem(app, tell, this.signal))
    const { packs, records, buckets, versions, damaged, lost } = report
    await this.event({ type: 'summary', repaired: true, ...report })
    const made = [
      countOf(packs, 'pack'),
      countOf(records, 'record'),
      countOf(buckets, 'bucket'),
      countOf(versions, 'version'),
    ]
    const isWhole = damaged === 0 && lost === 0
    const harm = isWhole ? '' : `; ${countOf(damaged, 'damage')}, ${lost} lost`
    this.note(`${isWhole ? this.screen.yes : this.screen.no} made the index anew: ${made.join(', ')}${harm}`)
    if (!isWhole) this.ends(9)
  }

  async #damage(damage: Damage): Promise<void> {
    if (this.json) return this.event({ type: 'damage', ...damage })
    const { pack, offset, what, harms } = damage
    await this.out(`${pack} at ${offset}: ${what}${harms.length > 0 ? `; harms ${harms.join(', ')}` : ''}\n`)
  }

  async #lost(lost: Lost): Promise<void> {
    if (this.json) return this.event({ type: 'lost', ...lost })
    const { path, version, why } = lost
    await this.out(`${version === undefined ? '' : `version ${version.slice(0, 16)} of `}${path} is lost: ${why}\n`)
  }
}
