import { boolean } from '@oclif/core/flags'
import { type PassDone, syncService } from '../../src/app/service-sync.js'
import { countOf } from '../../src/base/counts.js'
import { bytesText } from '../../src/cli/amounts.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { SERVICE_ARG } from '../../src/cli/serve-commands.js'

export default class ServiceSync extends EfsCommand<undefined> {
  static override summary = 'run one full pass of a service now, in this process'
  static override description =
    'What has changed since the last pass is brought over, in the direction of the service, bucket by bucket. No gateway is needed on this side, and the service need not be enabled.'
  static override examples = ['<%= config.bin %> service sync hawaii', '<%= config.bin %> service sync hawaii --json']
  static override args = SERVICE_ARG

  static override flags = {
    force: boolean({ summary: 'with a directory as the peer: delete however much it is' }),
  }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ServiceSync)
    const total = { passes: 0, parked: 0 }
    const { force } = flags
    await syncService(this.app(flags), { name: args.service, force }, this.signal, async (pass) => {
      total.passes++
      total.parked += pass.parked.length
      await this.tell(pass)
    })
    await this.event({ type: 'summary', ...total })
    if (total.parked > 0) this.ends(4)
    return undefined
  }

  protected override text(): string {
    return ''
  }

  private async tell(pass: PassDone): Promise<void> {
    const { from, to, offered, applied, bytesMoved, bytesSaved, parked, run } = pass
    await this.event({ type: 'pass', ...pass, parked: parked.length, run: run ?? null })
    const sign = parked.length > 0 ? this.screen.no : this.screen.yes
    const moved = applied === 0 ? 'nothing new' : `${countOf(applied, 'version')} new, ${bytesText(bytesMoved)} moved`
    const saved = bytesSaved > 0 ? `, ${bytesText(bytesSaved)} there already` : ''
    const as = run === undefined ? '' : `, run ${run}`
    this.note(`${sign} ${from} to ${to}: ${countOf(offered, 'version')} offered, ${moved}${saved}${as}`)
    for (const { key, why } of parked) {
      await this.event({ type: 'parked', key, why })
      if (!this.json) process.stderr.write(`efs: left out ${key}: ${why}\n`)
    }
  }
}
