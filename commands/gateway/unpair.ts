import { type Unpaired, unpair } from '../../src/app/peers/peers.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { shortGuid } from '../../src/model/ids.js'

export default class GatewayUnpair extends EfsCommand<Unpaired> {
  static override summary = 'take away what a peer was given by pairing, and forget it'
  static override description =
    'From then on its credential is refused here, as one that was never given. Secrets of services that connect to it stay: efs service config NAME X-ISGW-Basic-Auth - takes one away.'
  static override examples = ['<%= config.bin %> gateway unpair 21D0-55AE', '<%= config.bin %> gateway unpair 21D0']
  static override args = { peer: required('its segment, as gateway peers shows it, or more of it') }

  protected override async work(): Promise<Unpaired> {
    const { args, flags } = await this.parse(GatewayUnpair)
    const gone = await unpair(this.app(flags), args.peer)
    const name = `${shortGuid(gone.segment)}${gone.label === '' ? '' : ` (${gone.label})`}`
    this.note(`forgot ${name}: ${countOf(gone.credentials, 'credential')} taken away`)
    return gone
  }

  protected override text(): string {
    return ''
  }
}
