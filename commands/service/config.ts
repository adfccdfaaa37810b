import { setKey } from '../../src/app/services/services.js'
import { readKey, showService } from '../../src/app/services/shown.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { SERVICE_ARG } from '../../src/cli/command/serve.js'
import { optional } from '../../src/cli/flags/flags.js'
import { askPrivately } from '../../src/cli/screen/ask.js'
import { rowsText } from '../../src/cli/text/rows.js'

interface Configured {
  readonly name: string
  readonly keys: Readonly<Record<string, string>>
  /** Present where a value was given. */
  readonly changed?: boolean
}

export default class ServiceConfig extends EfsCommand<Configured> {
  static override summary = 'read or change the keys of a service'
  static override description =
    'Without a key all of them are shown, without a value that of the key. A value of - unsets; for X-ISGW-Basic-Auth and ' +
    'X-ISGW-Remote it is read from stdin (on a terminal: asked for without echo), and an empty line unsets. Nothing is started or stopped.'
  static override examples = [
    '<%= config.bin %> service config hawaii',
    '<%= config.bin %> service config hawaii X-ISGW-Direction send',
    '<%= config.bin %> service config hawaii X-ISGW-Basic-Auth -',
  ]
  static override args = {
    ...SERVICE_ARG,
    key: optional('X-ISGW-Direction, for instance'),
    value: optional('what it is to be'),
  }
  #text = ''

  protected override async work(): Promise<Configured> {
    const { args, flags } = await this.parse(ServiceConfig)
    const app = this.app(flags)
    const { service, key, value } = args
    if (key === undefined) {
      const { keys } = await showService(app, service, { stats: false })
      this.#text = rowsText(keys)
      return { name: service, keys: Object.fromEntries(keys) }
    }
    if (value === undefined) {
      const found = await readKey(app, service, key)
      this.#text = `${found}\n`
      return { name: service, keys: { [key]: found } }
    }
    const change = () => setKey(app, service, key, value, askPrivately)
    // What is asked for on a terminal is not drawn over.
    const set = await (value === '-' ? change() : this.busy('asking the peer', change))
    this.note(`${key} of ${service} is ${set.value}${set.changed ? '' : ' already'}`)
    for (const line of set.notes) this.note(line)
    return { name: service, keys: { [key]: set.value }, changed: set.changed }
  }

  protected override text(): string {
    return this.#text
  }
}
