import { putObject } from '../../src/app/objects/put.js'
import { newStats } from '../../src/app/watch.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { SETTINGS_FLAGS } from '../../src/cli/flags/settings.js'
import { ownStdin } from '../../src/cli/screen/own-process.js'
import { bytesText } from '../../src/cli/text/amounts.js'
import { changedSettings, parseSettings } from '../../src/model/settings-text.js'

interface Put {
  readonly path: string
  readonly status: string
  readonly bytes: number
  readonly bytesNew: number
}

export default class ObjectPut extends EfsCommand<Put> {
  static override summary = 'take a file in as an object'
  static override description =
    'A new version of it where there is one already; where the content is the same, nothing is done. Only chunks that the segment lacks are stored. - is stdin.'
  static override examples = [
    '<%= config.bin %> object put Hawaii/Cola/bk1/report.pdf ./report.pdf',
    'date | <%= config.bin %> object put Hawaii/Cola/bk1/now -',
    '<%= config.bin %> object put Hawaii/Cola/bk1/today.log ./today.log -o Delete-After=30d',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key'), file: required('the file; - is stdin') }
  static override flags = { options: SETTINGS_FLAGS.object.options }

  protected override async work(): Promise<Put> {
    const { args, flags } = await this.parse(ObjectPut)
    const stats = newStats()
    const from = args.file === '-' ? { stream: ownStdin() } : { file: args.file }
    const { options } = changedSettings({}, parseSettings(flags))
    const watch = { stats, signal: this.signal }
    const put = () => putObject(this.app(flags), args.path, from, watch, options)
    const line = () => `reading  ${bytesText(stats.read().bytesRead)}`
    // What is typed at a terminal is not drawn over.
    const { status, bytes } = await (args.file === '-' ? put() : this.busy(line, put))
    const { bytesNew } = stats.read()
    const news = status === 'known' ? 'has this content already' : `${bytesText(bytes)}, ${bytesText(bytesNew)} new`
    this.note(status === 'known' ? `${args.path} ${news}` : `put ${args.path}: ${news}`)
    return { path: args.path, status, bytes, bytesNew }
  }

  protected override text(): string {
    return ''
  }
}
