import { moveObject } from '../../src/app/objects/objects.js'
import { COPY_ARGS, COPY_FLAGS, type Copied, CopyCommand } from '../../src/cli/command/copy.js'

export default class ObjectMove extends CopyCommand {
  static override summary = 'an object under another path; moves no data'
  static override description =
    'The key that was gets a delete, so its versions stay where they were; the new one begins with its content. An object that is there already is not touched without --force.'
  static override examples = [
    '<%= config.bin %> object move Hawaii/Cola/bk1/today.log Hawaii/Cola/bk1/old/today.log',
    '<%= config.bin %> object move Hawaii/Cola/bk1/old/today.log Hawaii/Cola/bk2/today.log',
  ]
  static override args = COPY_ARGS
  static override flags = COPY_FLAGS

  protected override async work(): Promise<Copied> {
    const { args, flags } = await this.parse(ObjectMove)
    await moveObject(this.app(flags), args.from, args.to, flags.force)
    this.note(`moved ${args.from} to ${args.to}`)
    return { from: args.from, to: args.to }
  }
}
