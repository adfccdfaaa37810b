import { EfsError } from '../src/base/errors.js'
import { EfsCommand, type GlobalFlags } from '../src/cli/command/base.js'
import { asEfsError } from '../src/cli/print-error.js'
import { endSoon, sharesProcess, sharingProcess } from '../src/cli/screen/own-process.js'
import { configOf } from '../src/cli/settings/config-folder.js'
import { homeOf, Settings } from '../src/cli/settings/settings.js'
import { givenOf } from '../src/cli/toolbox/given.js'
import { History, historyFile } from '../src/cli/toolbox/history.js'
import { BANNER } from '../src/cli/toolbox/prompt.js'
import { Shell } from '../src/cli/toolbox/shell.js'

export default class Toolbox extends EfsCommand<void> {
  static override summary = 'run command after command in one process: with a prompt, or from a script'
  static override description =
    'On a terminal it has a prompt with the segment, history that is kept between runs, and completion; exit leaves. ' +
    'Else each line of stdin is a command, and the first one that fails ends it. ' +
    'Words are quoted as in a shell; pipes and variables there are none. The global flags hold for each command.'
  static override examples = [
    '<%= config.bin %> toolbox',
    '<%= config.bin %> --home /srv/efs toolbox',
    '<%= config.bin %> toolbox < nightly.efs',
  ]
  protected override readonly streams = true
  #shell: Shell | undefined

  /** Ctrl-C is for the command that runs. */
  protected override hears(name: NodeJS.Signals): boolean {
    return name !== 'SIGINT' || this.#shell?.isBusy !== true
  }

  protected override async work(): Promise<void> {
    const { flags } = await this.parse(Toolbox)
    if (sharesProcess())
      throw new EfsError('USAGE', 'this is the toolbox already', { hint: 'type a command; exit leaves' })
    const shell = new Shell(givenOf(flags), this.signal)
    this.#shell = shell
    const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true
    await sharingProcess(async () => {
      this.ends(isTerminal ? await this.#converse(shell, flags) : await shell.script())
    })
    endSoon()
  }

  async #converse(shell: Shell, flags: GlobalFlags): Promise<number> {
    const history = await History.open(historyFile(process.env), (error) =>
      this.note(`what is typed is not kept: ${asEfsError(error, this.signal).message}`),
    )
    this.note(BANNER)
    await shell.converse(history, () => homeOf(new Settings(process.env, configOf(process.env)), flags.home))
    return 0
  }

  protected override text(): string {
    return ''
  }
}
