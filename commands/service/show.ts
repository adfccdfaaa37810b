import { boolean } from '@oclif/core/flags'
import type { App } from '../../src/app/app.js'
import { type ServiceShown, showService } from '../../src/app/services/shown.js'
import { watchService } from '../../src/app/services/watch.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'
import { numbersEvent, ServiceWatch } from '../../src/cli/screen/service-watch.js'
import { serviceJson, serviceText } from '../../src/cli/text/service.js'

type Shown = ReturnType<typeof serviceJson>

export default class ServiceShow extends EfsCommand<Shown | undefined> {
  static override summary = 'show the keys of a service, what it serves, and its numbers'
  static override description = 'A secret is shown as ********. Zeros and - stand in the table before the first run.'
  static override examples = [
    '<%= config.bin %> service show hawaii',
    '<%= config.bin %> service show hawaii -s',
    '<%= config.bin %> service show hawaii -s --watch',
  ]
  static override args = SERVICE_ARG
  static override flags = {
    stat: boolean({ char: 's', summary: 'a table of numbers for each served path' }),
    watch: boolean({ summary: 'with -s: anew each second, until Ctrl-C; in a pipe a line of JSON each' }),
  }
  protected override streams = false
  #shown = ''

  protected override async work(): Promise<Shown | undefined> {
    const { args, flags } = await this.parse(ServiceShow)
    const app = this.app(flags)
    if (flags.watch) return this.#watch(app, args.service)
    const shown: ServiceShown = await showService(app, args.service, { stats: flags.stat })
    this.#shown = serviceText(shown, app.clock.nowMs())
    return serviceJson(shown)
  }

  async #watch(app: App, name: string): Promise<undefined> {
    this.streams = true
    if (this.json || !this.page.live) await this.#events(app, name)
    else await this.#draw(app, name)
    this.ends(130)
    return undefined
  }

  async #draw(app: App, name: string): Promise<void> {
    const watch = new ServiceWatch(process.stdout, this.page.bars)
    try {
      await watchService(app, name, async (shown) => watch.show(shown, app.clock.nowMs()), this.signal)
    } finally {
      this.#shown = watch.close()
    }
  }

  async #events(app: App, name: string): Promise<void> {
    let lines = 0
    const line = (event: object): Promise<void> => this.out(`${JSON.stringify(event)}\n`)
    const each = (shown: ServiceShown): Promise<void> => {
      lines++
      return line(numbersEvent(shown, app.clock.nowMs()))
    }
    await watchService(app, name, each, this.signal)
    await line({ type: 'summary', lines })
  }

  protected override text(): string {
    return this.#shown
  }
}
