import { listCredentials, type NamedCredential } from '../../src/app/credentials/named.js'
import { EfsCommand } from '../../src/cli/command/base.js'

interface Listed {
  readonly credentials: readonly NamedCredential[]
}

export default class CredentialList extends EfsCommand<Listed> {
  static override summary = 'list the names of your secrets, and where each is kept'
  static override description = 'One line each: keyring or file, and the name. A secret itself is never shown.'
  static override examples = ['<%= config.bin %> credential list', '<%= config.bin %> credential list --json']

  protected override async work(): Promise<Listed> {
    const { flags } = await this.parse(CredentialList)
    return { credentials: await listCredentials(this.app(flags)) }
  }

  protected override text({ credentials }: Listed): string {
    return credentials.map(({ name, where }) => `${where.padEnd(WIDTH)} ${name}\n`).join('')
  }
}

const WIDTH = 'keyring'.length
