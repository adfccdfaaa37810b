import { explain } from '../src/app/why/why.js'
import { EfsCommand } from '../src/cli/command/base.js'
import { required } from '../src/cli/flags/flags.js'
import { whyJson, whyText } from '../src/cli/text/why.js'

type Shown = ReturnType<typeof whyJson>

export default class WhyCommand extends EfsCommand<Shown> {
  static override summary = 'tell where the versions of an object are, what holds them up, and what happens next'
  static override description =
    'Each peer that its bucket is kept the same with is asked; where one cannot be, what it said last stands in. Nothing is changed.'
  static override examples = [
    '<%= config.bin %> why Hawaii/Cola/bk1/2019/a.raw',
    '<%= config.bin %> why Hawaii/Cola/bk1/2019/a.raw --json',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }
  #shown = ''

  protected override async work(): Promise<Shown> {
    const { args, flags } = await this.parse(WhyCommand)
    const app = this.app(flags)
    const why = await this.busy('asking the peers', () => explain(app, args.path, this.signal))
    this.#shown = whyText(why, app.clock.nowMs())
    return whyJson(why)
  }

  protected override text(): string {
    return this.#shown
  }
}
