import { deleteCredential } from '../../src/app/credentials/named.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'

export default class CredentialDelete extends EfsCommand<{ readonly name: string }> {
  static override summary = 'forget a secret of your own'
  static override description =
    'It is taken out of the keyring, or out of the file. What it was for stays as it is, and asks for another one when it is used next.'
  static override examples = [
    '<%= config.bin %> credential delete s3://photos',
    '<%= config.bin %> credential delete ccow://10.3.32.240:14000',
  ]
  static override args = { name: required('as credential list shows it') }

  protected override async work(): Promise<{ readonly name: string }> {
    const { args, flags } = await this.parse(CredentialDelete)
    const gone = await deleteCredential(this.app(flags), args.name)
    this.note(`deleted credential ${gone.name}`)
    return gone
  }

  protected override text(): string {
    return ''
  }
}
