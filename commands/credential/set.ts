import { string } from '@oclif/core/flags'
import { type CredentialSet, setCredential } from '../../src/app/credentials/named.js'
import { EfsError } from '../../src/base/errors.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required, secretIn } from '../../src/cli/flags/flags.js'
import { askPrivately } from '../../src/cli/screen/ask.js'

export default class CredentialSetCommand extends EfsCommand<CredentialSet> {
  static override summary = 'keep a secret of your own, for the addresses that its name stands in front of'
  static override description =
    'The secret is the first line of stdin, on a terminal asked for without echo, or of a file; never a word of the command line. ' +
    'It is kept in the keyring of this machine, and where none answers in a file that only you can read.'
  static override examples = [
    '<%= config.bin %> credential set s3://photos',
    '<%= config.bin %> credential set s3://photos --file ./keys',
    '<%= config.bin %> credential set ccow://10.3.32.240:14000',
  ]
  static override args = { name: required('s3://BUCKET, ccow://HOST:PORT, or a word of your own') }
  static override flags = {
    file: string({ helpValue: 'FILE', summary: 'its first line is the secret' }),
  }
  /** What is more than the name may be a secret, so it is refused here, without repeating it. */
  static override strict = false

  protected override async work(): Promise<CredentialSet> {
    const { args, argv, flags } = await this.parse(CredentialSetCommand)
    if (argv.length > 1) {
      throw new EfsError('USAGE', 'a secret on a command line could be read by others', {
        hint: 'type the name alone: efs credential set NAME   (asks for it, or reads it from a pipe)',
      })
    }
    const { file } = flags
    const set = await setCredential(this.app(flags), args.name, ({ text, secret }) =>
      file === undefined
        ? askPrivately(secret === 'pair' ? `${text} ACCESSKEY:SECRETKEY` : text)
        : Promise.resolve(secretIn(file)),
    )
    this.note(`kept credential ${set.name} in the ${set.where}${set.changed ? '' : ' already'}`)
    return set
  }

  protected override text(): string {
    return ''
  }
}
