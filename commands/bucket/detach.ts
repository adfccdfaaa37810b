import { type ServedChange, unserve } from '../../src/app/services/serving.js'
import { BUCKET_ARG, SERVICE_ARG, ServeCommand } from '../../src/cli/command/serve.js'

export default class BucketDetach extends ServeCommand {
  static override summary = 'take it off that list; the bucket stays as it is'
  static override description =
    'What is at the peer stays there, and the numbers of that bucket are forgotten. Attached again, it is compared with the peer, and only what differs moves.'
  static override examples = [
    '<%= config.bin %> bucket detach Hawaii/Cola/bk1 hawaii',
    '<%= config.bin %> bucket detach Hawaii/Cola/bk2 hawaii',
  ]
  static override args = { ...BUCKET_ARG, ...SERVICE_ARG }

  protected override async work(): Promise<ServedChange> {
    const { args, flags } = await this.parse(BucketDetach)
    const result = await unserve(this.app(flags), args.service, args.bucket)
    this.tellUnserved(result)
    return result
  }
}
