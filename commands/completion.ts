import { EfsError } from '../src/base/errors.js'
import { nearest } from '../src/base/nearest.js'
import { EfsCommand } from '../src/cli/command/base.js'
import { catalogue } from '../src/cli/complete.js'
import { SHELLS, scriptOf } from '../src/cli/completion/script.js'
import { tableOf } from '../src/cli/completion/table.js'
import { required } from '../src/cli/flags/flags.js'

interface Script {
  readonly shell: string
  readonly script: string
}

export default class Completion extends EfsCommand<Script> {
  static override summary = 'print the script that completes commands, flags and names in a shell'
  static override description =
    `Commands, flags, what flags take, and the names that there are: buckets, services, settings.
In ~/.bashrc: source <(efs completion bash)
In ~/.zshrc: source <(efs completion zsh)
For fish, once and after each update: efs completion fish > ~/.config/fish/completions/efs.fish`
  static override examples = ['<%= config.bin %> completion bash', '<%= config.bin %> completion fish > efs.fish']
  static override args = { shell: required(SHELLS.join(', ')) }

  protected override async work(): Promise<Script> {
    const { args } = await this.parse(Completion)
    const shell = SHELLS.find((one) => one === args.shell)
    if (shell === undefined) {
      const near = nearest(args.shell, SHELLS)
      throw new EfsError('USAGE', `no completion for ${JSON.stringify(args.shell.slice(0, 80))}`, {
        hint: near === undefined ? `there is ${SHELLS.join(', ')}` : `did you mean ${near}?`,
      })
    }
    return { shell, script: scriptOf(shell, tableOf(catalogue())) }
  }

  protected override text({ script }: Script): string {
    return script
  }
}
