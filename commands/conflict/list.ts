import { listConflicts } from '../../src/app/conflicts.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { conflictJson, conflictLine } from '../../src/cli/conflict-text.js'
import { match, optional } from '../../src/cli/flags.js'

export default class ConflictList extends EfsCommand<undefined> {
  static override summary = 'list the objects that two segments wrote without knowing of each other'
  static override description =
    'One line each: how many versions, when and by which segment the head was written, whether a clock is ahead, the object. ' +
    'Versions with the same content are no conflict.'
  static override examples = [
    '<%= config.bin %> conflict list',
    "<%= config.bin %> conflict list Hawaii/Cola/bk1 --match '2019/**'",
  ]
  static override args = { name: optional('a bucket, tenant or cluster; without it, all buckets') }
  static override flags = { match: match() }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ConflictList)
    const request = {
      ...(args.name === undefined ? {} : { name: args.name }),
      ...(flags.match === undefined ? {} : { match: flags.match }),
    }
    let before = '{"conflicts":['
    await listConflicts(this.app(flags), request, this.signal, async (page) => {
      if (!this.json) return this.out(page.map(conflictLine).join(''))
      await this.out(`${before}${page.map((one) => JSON.stringify(conflictJson(one))).join(',')}`)
      before = ','
      return undefined
    })
    if (this.json) await this.out(`${before === ',' ? '' : before}]}\n`)
    return undefined
  }

  protected override text(): string {
    return ''
  }
}
