import { checkEndpoint } from '../../src/app/s3/check.js'
import { CheckCommand } from '../../src/cli/command/check.js'
import { required, S3_FLAG } from '../../src/cli/flags/flags.js'

export default class EndpointCheck extends CheckCommand {
  static override summary = 'test what a directory or a place in S3 can do, and what efs does differently because of it'
  static override description =
    'A scratch place is made inside it, used, and taken away. One line a test; below it what efs does where something is lacking.'
  static override examples = [
    '<%= config.bin %> endpoint check ./photos',
    '<%= config.bin %> endpoint check s3://bucket/prefix',
  ]
  static override args = { address: required('a directory, s3://bucket/prefix or s3+segment://bucket/prefix') }
  static override flags = { ...S3_FLAG }

  protected override async work(): Promise<void> {
    const { args, flags } = await this.parse(EndpointCheck)
    await this.busy('testing', () => checkEndpoint(this.app(flags), args.address, this.tell, this.signal))
    await this.finish()
  }
}
