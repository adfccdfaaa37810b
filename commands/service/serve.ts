import type { ServedChange } from '../../src/app/services/serving.js'
import { SERVE_FLAGS, SERVICE_ARG, ServeCommand } from '../../src/cli/command/serve.js'
import { required } from '../../src/cli/flags/flags.js'

export default class ServiceServe extends ServeCommand {
  static override summary = 'the old spelling of bucket attach'
  static override description =
    'The options behind a comma are those of old: pause, and as=NAME for its name at the peer.'
  static override examples = [
    '<%= config.bin %> service serve hawaii Hawaii/Cola/bk1',
    '<%= config.bin %> service serve hawaii Hawaii/Cola/bk2,pause',
  ]
  static override args = {
    ...SERVICE_ARG,
    path: required('Hawaii/Cola/bk1, or a whole tenant; options follow a comma: pause, as=NAME'),
  }
  static override flags = SERVE_FLAGS

  protected override async work(): Promise<ServedChange> {
    const { args, flags } = await this.parse(ServiceServe)
    return this.serve(flags, { service: args.service, path: args.path })
  }
}
