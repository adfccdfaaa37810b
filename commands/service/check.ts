import type { Outcome } from '../../src/app/check/outcome.js'
import { checkService } from '../../src/app/check/service-check.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { outcomeText, skippedText } from '../../src/cli/check-text.js'
import { SERVICE_ARG } from '../../src/cli/serve-commands.js'

export default class ServiceCheck extends EfsCommand<void> {
  static override summary =
    'test all that a service needs: name, port, address, certificate, credentials, rights, buckets, clock'
  static override description =
    'One line a test, as soon as it is known, and what to do where one fails. Nothing is changed at either side.'
  static override examples = ['<%= config.bin %> service check hawaii']
  static override args = SERVICE_ARG
  protected override readonly streams = true
  readonly #skipped: Outcome[] = []

  protected override async work(): Promise<void> {
    const { args, flags } = await this.parse(ServiceCheck)
    const counts = { pass: 0, warn: 0, fail: 0, skip: 0 }
    const tell = async (outcome: Outcome): Promise<void> => {
      counts[outcome.outcome]++
      const { hint = null, ...own } = outcome
      if (this.json) await this.event({ type: 'test', ...own, hint })
      else if (outcome.outcome === 'skip') this.#skipped.push(outcome)
      else await this.out(outcomeText(outcome, this.screen))
    }
    const isWell = await checkService(this.app(flags), args.service, tell, this.signal)
    await this.event({ type: 'summary', ok: isWell, ...counts })
    if (!isWell) this.ends(1)
  }

  protected override text(): string {
    return skippedText(this.#skipped)
  }
}
