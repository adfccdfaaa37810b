import { createService } from '../../src/app/services/services.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { keyValues, SERVICE_FLAGS } from '../../src/cli/flags/service.js'
import { askPrivately } from '../../src/cli/screen/ask.js'
import { serviceJson } from '../../src/cli/text/service.js'
import { isPairingUrl } from '../../src/model/pairing-url.js'

export default class ServiceCreate extends EfsCommand<ReturnType<typeof serviceJson>> {
  static override summary = 'define a service; it is disabled and serves nothing'
  static override description =
    'A peer is a gateway (ccow://, ccows://), a directory (file:///DIR), a place in S3 (s3://BUCKET/PREFIX) or a segment in S3 (s3+segment://BUCKET/PREFIX); a service with --local and without --remote lets peers in. Attach buckets to it, then enable it. --remote - reads what gateway pair printed at the other side.'
  static override examples = [
    '<%= config.bin %> service create isgw hawaii --remote ccow://10.3.32.240:14000 --direction send',
    '<%= config.bin %> service create isgw hawaii-r --local 10.3.32.241:14000 --direction receive',
  ]
  static override args = { type: required('isgw'), name: required('a name of your choice') }
  static override flags = SERVICE_FLAGS

  protected override async work(): Promise<ReturnType<typeof serviceJson>> {
    const { args, flags } = await this.parse(ServiceCreate)
    const typed = flags.remote === '-' ? await askPrivately('X-ISGW-Remote') : flags.remote
    const pairing = flags.remote === '-' && typed !== undefined && isPairingUrl(typed) ? typed : undefined
    const values = keyValues({ ...flags, remote: pairing === undefined ? typed : undefined })
    const made = await this.busy('asking the peer', () =>
      createService(this.app(flags), args.type, args.name, values, pairing),
    )
    this.note(`created service ${made.name} of type ${made.type}`)
    for (const line of made.notes) this.note(line)
    return serviceJson(made)
  }

  protected override text(): string {
    return ''
  }
}
