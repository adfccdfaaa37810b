import { boolean } from '@oclif/core/flags'
import { type PassBegun, type PassDone, syncService } from '../../src/app/services/sync.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'
import { passText, withLine } from '../../src/cli/screen/progress.js'
import { PLAIN_SCREEN } from '../../src/cli/screen/screen.js'
import { bytesText } from '../../src/cli/text/amounts.js'
import { visible } from '../../src/cli/text/visible.js'
import { notKeptText } from '../../src/model/endpoint.js'

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
  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ServiceSync)
    const total = { passes: 0, parked: 0 }
    const { force } = flags
    const screen = this.quiet || this.json ? PLAIN_SCREEN : this.screen
    let now: PassBegun | undefined
    await withLine(
      screen,
      'comparing',
      () => passText(now, screen),
      (aside) => {
        const done = async (pass: PassDone): Promise<void> => {
          total.passes++
          total.parked += pass.parked.length
          await this.tell(pass, aside)
        }
        const request = { name: args.service, force }
        return syncService(this.app(flags), request, this.signal, done, (begun) => {
          now = begun
        })
      },
    )
    await this.event({ type: 'summary', ...total })
    if (total.parked > 0) this.ends(4)
    return undefined
  }

  protected override text(): string {
    return ''
  }

  private async tell(pass: PassDone, aside: (say: () => void) => void): Promise<void> {
    const { from, to, offered, applied, bytesMoved, bytesSaved, parked, notKept, run } = pass
    await this.event({ type: 'pass', ...pass, parked: parked.length, run: run ?? null })
    for (const what of notKept) aside(() => this.note(visible(notKeptText(what))))
    const sign = parked.length > 0 ? this.screen.no : this.screen.yes
    const moved = applied === 0 ? 'nothing new' : `${countOf(applied, 'version')} new, ${bytesText(bytesMoved)} moved`
    const saved = bytesSaved > 0 ? `, ${bytesText(bytesSaved)} there already` : ''
    const as = run === undefined ? '' : `, run ${run}`
    const line = `${sign} ${from} to ${to}: ${countOf(offered, 'version')} offered, ${moved}${saved}${as}`
    aside(() => this.note(line))
    for (const { key, why } of parked) {
      await this.event({ type: 'parked', key, why })
      if (!this.json) aside(() => process.stderr.write(`efs: left out ${key}: ${why}\n`))
    }
  }
}
