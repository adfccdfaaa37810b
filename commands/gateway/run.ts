import { setFlagsFromString } from 'node:v8'
import { logLine } from '../../src/app/gateway/read-log.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { version } from '../../src/cli/run.js'
import { endSoon } from '../../src/cli/screen/own-process.js'
import { logEvent, logText } from '../../src/cli/text/log.js'

/**
 * V8 counts the bodies that come in as growth of its heap, which is small: without this it collects all of it for each 16 MiB
 * received, a quarter of what receiving costs. It may grow to four times what is in use, as one that is collected seldom may anyway.
 */
const HEAP_GROWTH = '--heap-growing-percent=300'

export default class GatewayRun extends EfsCommand<void> {
  static override summary = 'run the enabled services of this segment, in the foreground'
  static override description =
    'For systemd, a container or a test. Its log goes to stderr in readable form, with --json to stdout as events, and in any ' +
    'case to gateway.log in the home. SIGTERM, SIGINT and SIGHUP stop it within seconds, with all that it has to save; a second one ends it at once.'
  static override examples = ['<%= config.bin %> gateway run', '<%= config.bin %> --home /srv/efs gateway run --json']
  protected override readonly streams = true
  protected override readonly goesOn = true
  #lines = 0

  protected override async work(): Promise<void> {
    const { flags } = await this.parse(GatewayRun)
    setFlagsFromString(HEAP_GROWTH)
    const { runGateway } = await import('../../src/app/gateway/run.js')
    const hangUp = new AbortController()
    const hungUp = (): void => hangUp.abort()
    process.once('SIGHUP', hungUp)
    try {
      await runGateway(this.app(flags), {
        version: version(),
        signal: AbortSignal.any([this.signal, hangUp.signal]),
        tell: (line) => this.#tell(line),
      })
      await this.event({ type: 'summary', lines: this.#lines })
    } finally {
      process.off('SIGHUP', hungUp)
      endSoon()
    }
  }

  #tell(text: string): void {
    const line = logLine(text.trimEnd())
    this.#lines++
    if (this.json) process.stdout.write(logEvent(line))
    else this.note(logText(line).trimEnd())
  }

  protected override text(): string {
    return ''
  }
}
