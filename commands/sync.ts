import { boolean } from '@oclif/core/flags'
import { syncOnce } from '../src/app/sync/sync.js'
import { requestFrom, SYNC_ARGS, SYNC_FLAGS, SyncCommand } from '../src/cli/command/sync.js'

export default class Sync extends SyncCommand {
  static override summary = 'make DST like SRC, once'
  static override description =
    'One side is a bucket, here, in another segment, at a gateway or in S3; the other is one too, or a directory. What is there already does not move, and what is overwritten in a bucket stays as an older version. Nothing is deleted without --delete, and not too much with it.'
  static override examples = [
    '<%= config.bin %> sync ./photos Hawaii/Cola/bk1',
    '<%= config.bin %> sync Hawaii/Cola/bk1 segment:/srv/other#Hawaii/Cola/bk1',
    '<%= config.bin %> sync Hawaii/Cola/bk1/2019/ ./2019 --delete',
    "<%= config.bin %> sync ./photos Hawaii/Cola/bk1 --exclude '*.tmp' --exclude /cache/",
  ]
  static override args = SYNC_ARGS
  static override flags = {
    ...SYNC_FLAGS,
    versions: boolean({
      summary: 'bring older versions of a versioned S3 bucket too, oldest first',
      exclusive: ['dry-run'],
    }),
    'dry-run': boolean({ summary: 'print the plan, as plan does, and write nothing' }),
  }

  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const parsed = await this.parse(Sync)
    const { flags } = parsed
    const request = { ...requestFrom(parsed, this.settings), history: flags.versions }
    await (flags['dry-run']
      ? this.plan(request, flags)
      : this.transfer((watch) => syncOnce(this.app(flags), request, watch)))
    return undefined
  }
}
