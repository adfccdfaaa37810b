import type { ServedChange } from '../../src/app/services/serving.js'
import { BUCKET_ARG, SERVE_FLAGS, SERVICE_ARG, ServeCommand } from '../../src/cli/command/serve.js'

export default class BucketAttach extends ServeCommand {
  static override summary = 'put a bucket, or a whole tenant, on the list of what a service is for'
  static override description =
    'The service keeps it the same at its peer from then on, under the name behind --as where that is another one. The peer is asked first: a tenant that it lacks is named, with those that it has.'
  static override examples = [
    '<%= config.bin %> bucket attach Hawaii/Cola/bk1 hawaii --as Hawaii-r/Cola/bk1',
    '<%= config.bin %> bucket attach Hawaii/Cola/bk2 hawaii --create',
  ]
  static override args = { ...BUCKET_ARG, ...SERVICE_ARG }
  static override flags = SERVE_FLAGS

  protected override async work(): Promise<ServedChange> {
    const { args, flags } = await this.parse(BucketAttach)
    return this.serve(flags, { service: args.service, path: args.bucket })
  }
}
