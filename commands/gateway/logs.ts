import { boolean, string } from '@oclif/core/flags'
import { hasLog, type LogLine, logLines } from '../../src/app/gateway/read-log.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { countFrom } from '../../src/cli/flags/flags.js'
import { logEvent, logText } from '../../src/cli/text/log.js'

const LINES = '50'

export default class GatewayLogs extends EfsCommand<void> {
  static override summary = 'show the log of the gateway, the latest line last'
  static override description = 'With --json an event for each line: what is in gateway.log, with a type.'
  static override examples = ['<%= config.bin %> gateway logs', '<%= config.bin %> gateway logs -f --service hawaii']
  static override flags = {
    follow: boolean({ char: 'f', summary: 'go on with what comes, until Ctrl-C' }),
    lines: string({
      char: 'n',
      summary: `so many of the last lines (default ${LINES})`,
      helpValue: 'N',
      default: LINES,
    }),
    service: string({ summary: 'only what is about that service', helpValue: 'NAME' }),
  }
  protected override readonly streams = true

  protected override async work(): Promise<void> {
    const { flags } = await this.parse(GatewayLogs)
    const app = this.app(flags)
    const { service } = flags
    const request = { lines: countFrom(flags.lines, 'lines'), ...(service === undefined ? {} : { service }) }
    if (!hasLog(app)) this.note('no gateway has run here yet')
    let lines = 0
    for await (const line of logLines(app, request, flags.follow ? this.signal : undefined)) {
      lines++
      await this.#show(line)
    }
    await this.event({ type: 'summary', lines })
    if (flags.follow) this.ends(130)
  }

  #show(line: LogLine): Promise<void> {
    return this.out(this.json ? logEvent(line) : logText(line))
  }

  protected override text(): string {
    return ''
  }
}
