import { logLine } from '../../src/app/gateway/read-log.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { logText } from '../../src/cli/log-text.js'
import { version } from '../../src/cli/run.js'

/** What a service that has not stopped leaves open does not keep the process. */
const LINGER_MS = 200

export default class GatewayRun extends EfsCommand<void> {
  static override summary = 'run the enabled services of this segment, in the foreground'
  static override description =
    'For systemd, a container or a test. Its log goes to stderr in readable form, with --json to stdout as lines of JSON, and in any ' +
    'case to gateway.log in the home. SIGTERM, SIGINT and SIGHUP stop it within seconds, with all that it has to save; a second one ends it at once.'
  static override examples = ['<%= config.bin %> gateway run', '<%= config.bin %> --home /srv/efs gateway run --json']
  protected override readonly streams = true

  protected override async work(): Promise<void> {
    const { flags } = await this.parse(GatewayRun)
    const { runGateway } = await import('../../src/app/gateway/run.js')
    try {
      await runGateway(this.app(flags), {
        version: version(),
        signal: this.hungUp(),
        tell: (line) => this.#tell(line),
      })
    } finally {
      setTimeout(() => process.exit(), LINGER_MS).unref()
    }
  }

  /** Also aborted when the terminal goes away. */
  private hungUp(): AbortSignal {
    const hangUp = new AbortController()
    process.once('SIGHUP', () => hangUp.abort())
    return AbortSignal.any([this.signal, hangUp.signal])
  }

  #tell(line: string): void {
    if (this.json) process.stdout.write(line)
    else this.note(logText(logLine(line.trimEnd())).trimEnd())
  }

  protected override text(): string {
    return ''
  }
}
