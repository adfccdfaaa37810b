import { listConflicts } from '../../src/app/objects/conflicts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { match, optional } from '../../src/cli/flags/flags.js'
import { conflictJson, conflictLine } from '../../src/cli/text/conflict.js'

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
    this.list.begin({}, 'conflicts')
    await listConflicts(this.app(flags), request, this.signal, (page) =>
      this.json
        ? this.list.add(page.map(conflictJson))
        : this.out(page.map((one) => conflictLine(one, this.page)).join('')),
    )
    if (this.json) await this.list.end()
    return undefined
  }

  protected override text(): string {
    return ''
  }
}
