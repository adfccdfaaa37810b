import { moveObject } from '../../src/app/objects.js'
import { COPY_ARGS, COPY_FLAGS, type Copied, CopyCommand } from '../../src/cli/copy-command.js'

export default class ObjectMove extends CopyCommand {
  static override summary = 'an object under another path; moves no data'
  static override examples = ['<%= config.bin %> object move Hawaii/Cola/bk1/a Hawaii/Cola/bk1/b']
  static override args = COPY_ARGS
  static override flags = COPY_FLAGS

  protected override async work(): Promise<Copied> {
    const { args, flags } = await this.parse(ObjectMove)
    await moveObject(this.app(flags), args.from, args.to, flags.force)
    this.note(`moved ${args.from} to ${args.to}`)
    return { from: args.from, to: args.to }
  }
}
