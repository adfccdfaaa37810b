import { cloneObject } from '../../src/app/objects/objects.js'
import { COPY_ARGS, COPY_FLAGS, type Copied, CopyCommand } from '../../src/cli/command/copy.js'

export default class ObjectClone extends CopyCommand {
  static override summary = 'the same content under another path; moves no data'
  static override description =
    'Both share their chunks from then on, and each has versions of its own. It may be in another bucket of the segment. An object that is there already is not touched without --force.'
  static override examples = [
    '<%= config.bin %> object clone Hawaii/Cola/bk1/report.pdf Hawaii/Cola/bk2/report.pdf',
    '<%= config.bin %> object clone Hawaii/Cola/bk1/report.pdf Hawaii/Cola/bk2/report.pdf --force',
  ]
  static override args = COPY_ARGS
  static override flags = COPY_FLAGS

  protected override async work(): Promise<Copied> {
    const { args, flags } = await this.parse(ObjectClone)
    await cloneObject(this.app(flags), args.from, args.to, flags.force)
    this.note(`cloned ${args.from} to ${args.to}`)
    return { from: args.from, to: args.to }
  }
}
