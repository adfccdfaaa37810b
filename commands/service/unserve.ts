import { type ServedChange, unserve } from '../../src/app/services/serving.js'
import { SERVICE_ARG, ServeCommand } from '../../src/cli/command/serve.js'
import { required } from '../../src/cli/flags/flags.js'

export default class ServiceUnserve extends ServeCommand {
  static override summary = 'the old spelling of bucket detach'
  static override description = 'The bucket stays as it is, here and at the peer.'
  static override examples = [
    '<%= config.bin %> service unserve hawaii Hawaii/Cola/bk1',
    '<%= config.bin %> service unserve hawaii Hawaii/Cola/bk2',
  ]
  static override args = { ...SERVICE_ARG, path: required('Hawaii/Cola/bk1, with its options or without') }

  protected override async work(): Promise<ServedChange> {
    const { args, flags } = await this.parse(ServiceUnserve)
    const result = await unserve(this.app(flags), args.service, args.path)
    this.tellUnserved(result)
    return result
  }
}
